"""Kubernetes objects that the cluster tests apply, in the shapes that upstream documents."""

from __future__ import annotations

from typing import Any

from tests.support.controlplane.manifests import Manifest

TOLERATION = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
TAINT = {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}


def pod(name: str, namespace: str, **spec: Any) -> Manifest:
    """A pod with one small container, which `spec` adds to or replaces."""
    container = {"name": "main", "image": "registry.example/pause:1"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": [container], **spec},
    }


def gpu_pod(name: str, namespace: str) -> Manifest:
    """A pod that takes one GPU."""
    resources = {"limits": {"nvidia.com/gpu": "1"}}
    container = {"name": "main", "image": "registry.example/cuda:1", "resources": resources}
    return pod(name, namespace, containers=[container], tolerations=[TOLERATION])


def device_plugin(namespace: str, config: str) -> list[Manifest]:
    """NVIDIA's device plugin as a DaemonSet with one configuration file."""
    name = "device-plugin"
    metadata = {"name": name, "namespace": namespace}
    container = {
        "name": "plugin",
        "image": "registry.example/nvidia/k8s-device-plugin:v0.20.0",
        "env": [{"name": "CONFIG_FILE", "value": "/config/config.yaml"}],
        "volumeMounts": [{"name": "config", "mountPath": "/config"}],
    }
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {
            "nodeSelector": {"nvidia.com/gpu.present": "true"},
            "tolerations": [TOLERATION],
            "containers": [container],
            "volumes": [{"name": "config", "configMap": {"name": name}}],
        },
    }
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"config.yaml": config}},
        {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": metadata,
            "spec": {"selector": {"matchLabels": {"app": name}}, "template": template},
        },
    ]


def serving_runtime(name: str, model_format: str) -> Manifest:
    """The least that KServe takes as a runtime: one container of the name it asks for, on one GPU."""
    container = {
        "name": "kserve-container",
        "image": "registry.example/server:1",
        "args": ["--model=/mnt/models"],
        "resources": {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"nvidia.com/gpu": "1"}},
    }
    return {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "ClusterServingRuntime",
        "metadata": {"name": name},
        "spec": {"supportedModelFormats": [{"name": model_format, "version": "1"}], "containers": [container]},
    }


def inference_service(name: str, namespace: str, runtime: str, model_format: str) -> Manifest:
    """A model from a bucket, served by `runtime` on GPU nodes."""
    model = {"modelFormat": {"name": model_format}, "runtime": runtime, "storageUri": "s3://models/tiny"}
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"predictor": {"tolerations": [TOLERATION], "model": model}},
    }
