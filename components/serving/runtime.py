"""vLLM as a KServe runtime: the part of a model server's pod that is the same for every model.

KServe merges it with each InferenceService: arguments are appended, everything else is merged by name. Placeholders in
double braces are filled by KServe from the InferenceService.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PORT = 8080
MODEL_FORMAT = "vLLM"
# KServe serves the container of this name, and mounts the model at this path.
CONTAINER = "kserve-container"
MODEL_FOLDER = "/mnt/models"

# The image runs as root unless told otherwise, and ships this user for the case. A user that it does not know fails:
# PyTorch asks the password file for its name while it sets up the compiler's cache.
_USER = 2000
_HOME = "/home/vllm"

# Requests reach the port only after the weights are on the GPU and the graphs are captured.
_START_PERIOD_SECONDS = 10
_START_ATTEMPTS = 180

_ENVIRONMENT: Mapping[str, str] = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    # Compilers and kernels keep their caches below it.
    "HOME": _HOME,
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
}

# The root file system is read-only. Processes of one model exchange tensors through /dev/shm, which counts as memory.
_SCRATCH: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "home": (_HOME, {"sizeLimit": "10Gi"}),
    "shm": ("/dev/shm", {"medium": "Memory", "sizeLimit": "2Gi"}),
    "tmp": ("/tmp", {"sizeLimit": "10Gi"}),
}


def vllm_runtime(image: str) -> dict[str, Any]:
    """Spec of the ClusterServingRuntime that starts `image`."""
    return {
        "annotations": {"prometheus.kserve.io/path": "/metrics", "prometheus.kserve.io/port": str(PORT)},
        # Model services name the runtime; it offers itself to nobody else.
        "supportedModelFormats": [{"name": MODEL_FORMAT, "version": "1", "autoSelect": False}],
        "containers": [_container(image)],
        "volumes": [{"name": name, "emptyDir": dict(source)} for name, (_, source) in _SCRATCH.items()],
    }


def _container(image: str) -> dict[str, Any]:
    return {
        "name": CONTAINER,
        "image": image,
        "command": ["vllm", "serve"],
        "args": [MODEL_FOLDER, f"--port={PORT}", "--served-model-name={{.Name}}"],
        "env": [{"name": name, "value": value} for name, value in _ENVIRONMENT.items()],
        "ports": [{"name": "http1", "containerPort": PORT, "protocol": "TCP"}],
        "startupProbe": _probe(period=_START_PERIOD_SECONDS, attempts=_START_ATTEMPTS),
        "readinessProbe": _probe(period=5, attempts=3),
        "livenessProbe": _probe(period=10, attempts=6),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [{"name": name, "mountPath": path} for name, (path, _) in _SCRATCH.items()],
    }


def _probe(*, period: int, attempts: int) -> dict[str, Any]:
    """vLLM answers /health while its engine lives. `period` is in seconds."""
    return {
        "httpGet": {"path": "/health", "port": PORT},
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": attempts,
    }
