"""What the simulated device plugin advertises follows the files that the real one would read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.support.controlplane.device_plugin import DevicePluginError, advertised, is_device_plugin
from tests.support.controlplane.manifests import Manifest
from tests.support.controlplane.mig import Gpu

IMAGE = "registry.example/nvidia/k8s-device-plugin@sha256:" + "0" * 64
LABEL = "nvidia.com/device-plugin.config"
SLICED = "version: v1\nsharing: {timeSlicing: {resources: [{name: nvidia.com/gpu, replicas: 4}]}}"
RENAMED = (
    "version: v1\nsharing: {timeSlicing: {renameByDefault: true, resources: [{name: nvidia.com/gpu, replicas: 2}]}}"
)
MPS = "version: v1\nsharing: {mps: {resources: [{name: nvidia.com/gpu, replicas: 2}]}}"


def plugin_pod(*, container: Mapping[str, Any] | None = None, manager_env: Mapping[str, str] | None = None) -> Manifest:
    """A device plugin's pod that reads one file, or one that a config manager chooses where `manager_env` is given."""
    plugin = {"name": "plugin", "image": IMAGE, "env": [{"name": "CONFIG_FILE", "value": "/config/config.yaml"}]}
    containers: list[Any] = [
        {**plugin, "volumeMounts": [{"name": "files", "mountPath": "/config"}], **(container or {})}
    ]
    if manager_env is not None:
        env = {"CONFIG_FILE_SRCDIR": "/available", "CONFIG_FILE_DST": "/config/config.yaml", **manager_env}
        manager = {"name": "manager", "image": IMAGE, "command": ["config-manager"]}
        variables = [{"name": name, "value": value} for name, value in env.items()]
        containers.append({**manager, "env": variables, "volumeMounts": [{"name": "files", "mountPath": "/available"}]})
    return {
        "metadata": {"namespace": "gpu", "name": "plugin-1", "ownerReferences": [{"kind": "DaemonSet"}]},
        "spec": {"containers": containers, "volumes": [{"name": "files", "configMap": {"name": "plugin"}}]},
    }


def resources(
    pod: Manifest, files: Mapping[str, str], labels: Mapping[str, str] | None = None, gpus: Sequence[Gpu] = (None, None)
) -> dict[str, int]:
    """What is advertised on a node with two GPUs, or with `gpus`."""

    def read(namespace: str, name: str) -> Mapping[str, str]:
        assert (namespace, name) == ("gpu", "plugin")
        return files

    return advertised(pod, labels or {}, gpus, read)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("version: v1", {"nvidia.com/gpu": 2}),
        (SLICED, {"nvidia.com/gpu": 8}),
        (RENAMED, {"nvidia.com/gpu.shared": 4}),
    ],
)
def test_the_file_says_how_often_a_gpu_is_offered(config: str, expected: dict[str, int]) -> None:
    assert resources(plugin_pod(), {"config.yaml": config}) == expected


@pytest.mark.parametrize(
    ("strategy", "gpus", "expected"),
    [
        ("none", ({"1g.10gb": 7}, None), {"nvidia.com/gpu": 2}),
        ("single", ({"1g.10gb": 7}, {"1g.10gb": 7}), {"nvidia.com/gpu": 14}),
        ("single", (None, None), {"nvidia.com/gpu": 2}),
        (
            "mixed",
            ({"1g.10gb": 2, "3g.40gb": 1}, {"1g.10gb": 2}),
            {"nvidia.com/mig-1g.10gb": 4, "nvidia.com/mig-3g.40gb": 1},
        ),
        ("mixed", ({"1g.10gb+me": 1}, None), {"nvidia.com/gpu": 1, "nvidia.com/mig-1g.10gb.me": 1}),
    ],
)
def test_the_strategy_says_how_instances_are_called(
    strategy: str, gpus: Sequence[Gpu], expected: dict[str, int]
) -> None:
    files = {"config.yaml": f"version: v1\nflags: {{migStrategy: {strategy}}}"}
    assert resources(plugin_pod(), files, gpus=gpus) == expected


@pytest.mark.parametrize(
    ("strategy", "gpus", "message"),
    [
        ("single", ({"1g.10gb": 7}, None), "all devices on the node must be configured with the same migEnabled value"),
        ("single", ({"1g.10gb": 2, "3g.40gb": 1}, None), "configured with the same migEnabled value"),
        ("single", ({"1g.10gb": 2, "3g.40gb": 1},), "more than one MIG device type present on node"),
        ("double", (None,), "unknown strategy: double"),
    ],
)
def test_a_strategy_that_the_split_does_not_allow_keeps_the_plugin_from_starting(
    strategy: str, gpus: Sequence[Gpu], message: str
) -> None:
    files = {"config.yaml": f"version: v1\nflags: {{migStrategy: {strategy}}}"}
    with pytest.raises(DevicePluginError, match=message):
        resources(plugin_pod(), files, gpus=gpus)


def test_without_a_file_every_gpu_is_offered_once() -> None:
    assert resources(plugin_pod(container={"env": []}), {}) == {"nvidia.com/gpu": 2}


@pytest.mark.parametrize("words", [["--config-file=/config/other"], ["--config-file", "/config/other"]])
def test_the_command_line_names_the_file_as_well(words: list[str]) -> None:
    pod = plugin_pod(container={"args": words})
    assert resources(pod, {"config.yaml": "version: v1", "other": SLICED}) == {"nvidia.com/gpu": 8}


def test_items_of_the_volume_rename_its_files() -> None:
    pod = plugin_pod()
    pod["spec"]["volumes"][0]["configMap"]["items"] = [{"key": "l4", "path": "config.yaml"}]
    assert resources(pod, {"l4": SLICED}) == {"nvidia.com/gpu": 8}


def test_without_a_config_manager_the_node_label_chooses_nothing() -> None:
    files = {"config.yaml": "version: v1", "sliced": SLICED}
    assert resources(plugin_pod(), files, {LABEL: "sliced"}) == {"nvidia.com/gpu": 2}


def test_with_a_config_manager_the_node_label_chooses_the_file() -> None:
    files = {"whole": "version: v1", "sliced": SLICED}
    pod = plugin_pod(manager_env={"DEFAULT_CONFIG": "whole"})
    assert resources(pod, files, {LABEL: "sliced"}) == {"nvidia.com/gpu": 8}
    assert resources(pod, files) == {"nvidia.com/gpu": 2}


@pytest.mark.parametrize(
    ("strategies", "files", "expected"),
    [
        ("named,single", {"default": SLICED, "whole": "version: v1"}, 8),
        ("named,single", {"only": SLICED}, 8),
        ("empty", {"only": SLICED}, 2),
    ],
)
def test_a_config_manager_without_label_and_default_falls_back(
    strategies: str, files: dict[str, str], expected: int
) -> None:
    pod = plugin_pod(manager_env={"FALLBACK_STRATEGIES": strategies})
    assert resources(pod, files) == {"nvidia.com/gpu": expected}


@pytest.mark.parametrize(
    ("pod", "files", "message"),
    [
        (
            plugin_pod(),
            {"other.yaml": SLICED},
            "device plugin gpu/plugin-1: no configuration config.yaml; there are: other.yaml",
        ),
        (
            plugin_pod(),
            {"config.yaml": "version: v2"},
            "the configuration must be a map of version v1, got 'version: v2'",
        ),
        (plugin_pod(), {"config.yaml": MPS}, "of sharing only timeSlicing is simulated, got mps"),
        (plugin_pod(container={"volumeMounts": []}), {}, "no ConfigMap is mounted on /config of container plugin"),
        (
            plugin_pod(manager_env={}),
            {"a": SLICED, "b": SLICED},
            "no label, no default and no fallback chooses one of a, b",
        ),
    ],
)
def test_a_plugin_that_would_not_start_says_why(pod: Manifest, files: dict[str, str], message: str) -> None:
    with pytest.raises(DevicePluginError, match=message):
        resources(pod, files)


def test_feature_discovery_and_lone_pods_of_the_same_image_are_no_device_plugin() -> None:
    assert is_device_plugin(plugin_pod())
    assert not is_device_plugin(plugin_pod(container={"command": ["/usr/bin/gpu-feature-discovery"]}))
    assert not is_device_plugin(plugin_pod(container={"image": "registry.example/dcgm-exporter:4"}))
    lone = plugin_pod()
    lone["metadata"]["ownerReferences"] = []
    assert not is_device_plugin(lone)
