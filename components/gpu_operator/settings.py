"""Specs of the objects that NVIDIA's GPU Operator reads, as plain data (NVIDIA gpu-operator v26.7.0)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from components.base import NodePoolHandle
from components.gpu_operator.spec import GpuOperatorSpec

CRITICAL = "system-node-critical"
RUNTIME_CLASS = "nvidia"
"""Class of pods that need NVIDIA's runtime before it is a node's default."""

# Parts of the operator that gpuBaseline runs itself, or that nobody asked for.
_OFF = ("dcgm", "dcgmExporter", "devicePlugin", "gfd", "migManager", "nodeStatusExporter")
# Seconds that pods with GPUs have to leave a node, and that its driver has to start.
_LEAVE_SECONDS = 300
_START_ATTEMPTS, _START_PERIOD = 120, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorImages:
    """Images that the operator starts on nodes: with digest where one is known."""

    toolkit: str
    validator: str
    driver_manager: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDriver:
    """The driver of one pool. The operator adds the node's system (and kernel, for precompiled modules) to the tag of
    `image`, unless that has a digest."""

    pool: NodePoolHandle
    version: str
    image: str


def cluster_policy(images: OperatorImages, drivers: Sequence[PoolDriver]) -> dict[str, Any]:
    """Spec of the ClusterPolicy: container toolkit and validator for nodes with a driver of `drivers`."""
    return {
        "operator": {"defaultRuntime": "containerd", "runtimeClass": RUNTIME_CLASS},
        "daemonsets": {
            "priorityClassName": CRITICAL,
            "tolerations": _tolerations(driver.pool for driver in drivers),
            "updateStrategy": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": "1"},
        },
        "driver": {"enabled": True, "useNvidiaDriverCRD": True},
        "toolkit": {
            "enabled": True,
            "image": images.toolkit,
            # Pods get their GPUs by a variable, as on Amazon's images, whatever runtime class they name.
            "env": [{"name": "NVIDIA_RUNTIME_SET_AS_DEFAULT", "value": "true"}],
        },
        "cdi": {"enabled": False},
        "validator": {"image": images.validator},
        "psa": {"enabled": False},
        "sandboxWorkloads": {"enabled": False},
        **{part: {"enabled": False} for part in _OFF},
    }


def nvidia_driver(spec: GpuOperatorSpec, driver: PoolDriver, manager: str) -> dict[str, Any]:
    """Spec of the NVIDIADriver of one pool. `manager` is the image that takes an old driver away."""
    sources = {"repoConfig": {"name": spec.package_sources}} if spec.package_sources else {}
    return {
        "driverType": "gpu",
        "image": driver.image,
        "usePrecompiled": spec.modules == "precompiled",
        "kernelModuleType": "auto",
        "manager": {"image": manager},
        "nodeSelector": dict(driver.pool.labels),
        "tolerations": _tolerations([driver.pool]),
        "priorityClassName": CRITICAL,
        "resources": {"requests": {"cpu": "100m", "memory": "512Mi"}},
        "startupProbe": {
            "initialDelaySeconds": 60,
            "periodSeconds": _START_PERIOD,
            "timeoutSeconds": 60,
            "failureThreshold": _START_ATTEMPTS,
        },
        "upgradePolicy": {
            "autoUpgrade": True,
            "maxParallelUpgrades": spec.nodes_at_once,
            "maxUnavailable": spec.nodes_at_once,
            # Weights that a model service downloads stand in an emptyDir: without this no such pod could leave.
            "podDeletion": {"force": False, "timeoutSeconds": _LEAVE_SECONDS, "deleteEmptyDir": True},
            "drain": {"enable": False},
        },
        **sources,
    }


def _tolerations(pools: Iterable[NodePoolHandle]) -> list[dict[str, str]]:
    """What lets the operands onto every node of `pools`, each once, sorted; the operator adds that of GPUs itself."""
    found = {tuple(sorted(toleration.items())) for pool in pools for toleration in pool.tolerations}
    return [dict(each) for each in sorted(found)]
