"""A release and a service for tests, as they stand in files."""

from __future__ import annotations

from typing import Any

from components.model_service.spec import ModelRelease, ModelServiceSpec

REVISION = "c1899de289a04d12100db370d81485cdf75e47ca"

RELEASE: dict[str, Any] = {
    "name": "qwen3",
    "version": "1.0.1",
    "task": "generate",
    "source": {
        "huggingFace": {"repository": "Qwen/Qwen3-0.6B", "revision": REVISION},
        "files": [{"path": "model.safetensors", "bytes": 1503300328}],
    },
    "architecture": "qwen3-0.6b",
    "precision": "bfloat16",
    "licence": "Apache-2.0",
    "runtime": {"name": "vllm", "context": 8192, "gpuMemoryUtilization": 0.4, "maxSequences": 64},
    "resources": {"cpu": "1", "memory": "6Gi", "gpus": 1},
}

SERVICE: dict[str, Any] = {
    "name": "chat",
    "release": "qwen3@1.0.1",
    "team": "research",
    "pool": "l4",
}


def release_with(**changes: Any) -> ModelRelease:
    """The release with other values, by keys as in the file; `runtime` and `resources` are merged."""
    merged = {key: RELEASE[key] | changes.pop(key, {}) for key in ("runtime", "resources")}
    return ModelRelease.model_validate(RELEASE | merged | changes)


def service_with(**changes: Any) -> ModelServiceSpec:
    """The service with other values, by keys as in the file."""
    return ModelServiceSpec.model_validate(SERVICE | changes)
