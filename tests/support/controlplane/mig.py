"""NVIDIA's MIG manager: splits a node's GPUs as its label asks, and says so in another label.

Follows mig-parted 0.15 beside k8s-device-plugin 0.20: the manager waits until the agents that hold GPUs have left the
node, splits only GPUs that nobody uses, and writes ``pending``, then ``success`` or ``failed``. Which splits a GPU
takes is worked out from slices of memory and compute, and not read from the product's catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.instance_types import INSTANCE_TYPES
from tests.support.controlplane.manifests import Manifest

IMAGE = "k8s-mig-manager"
CONFIG_LABEL = "nvidia.com/mig.config"
STATE_LABEL = "nvidia.com/mig.config.state"
VENDOR = "nvidia.com/"
# The manager waits for the end of pods with these values of the label `app`.
CLIENTS = frozenset({"nvidia-device-plugin-daemonset", "nvidia-dcgm-exporter"})

# Memory of one GPU as its profiles count it, GB. A GPU has seven slices of compute and eight of memory.
MEMORY_GB = {"H100": 80, "A100-40": 40}
COMPUTE_SLICES, MEMORY_SLICES = 7, 8
_PROFILE = re.compile(r"(\d)g\.(\d+)gb")

Gpu = Mapping[str, int] | None
"""One GPU: its instances by profile, or None where it is not split."""


class MigError(ValueError):
    """A split that the manager would not find, or that the GPU does not take."""


@dataclass(frozen=True, slots=True)
class _Done:
    config: str
    gpus: tuple[Gpu, ...]


class MigManagers:
    """The managers of all nodes, and with them how every node's GPUs are split."""

    def __init__(self, client: KubeClient, report: Callable[[Exception], None]) -> None:
        self._client = client
        self._report = report
        self._done: dict[str, _Done] = {}

    def follow(self, nodes: Iterable[Manifest], pods: Sequence[Manifest]) -> None:
        """Do on every node what its label asks for since the last call."""
        managers = {pod["spec"]["nodeName"]: pod for pod in pods if _is_manager(pod)}
        for node in nodes:
            wanted, manager = node["metadata"]["labels"].get(CONFIG_LABEL, ""), managers.get(node["metadata"]["name"])
            done = self._done.get(node["metadata"]["uid"])
            if manager and wanted and (done is None or done.config != wanted):
                self._split(node, manager, wanted, [pod for pod in pods if _on(pod, node)])

    def gpus(self, node: Manifest) -> tuple[Gpu, ...]:
        """GPUs that the driver of a node shows: none without the image that carries it."""
        done = self._done.get(node["metadata"]["uid"])
        return done.gpus if done else _whole(node)

    def _split(self, node: Manifest, manager: Manifest, wanted: str, pods: Sequence[Manifest]) -> None:
        labels = node["metadata"]["labels"]
        if any(pod["metadata"].get("labels", {}).get("app") in CLIENTS for pod in pods):
            if labels.get(STATE_LABEL) != "pending":
                self._say(node, "pending")
            return
        gpus, state = self.gpus(node), "failed"
        if not any(_uses_gpus(pod) for pod in pods):
            try:
                gpus, state = split_gpus(self._layouts(manager), wanted, model_of(node), len(gpus)), "success"
            except MigError as error:
                self._report(error)
        self._done[node["metadata"]["uid"]] = _Done(wanted, gpus)
        self._say(node, state)

    def _layouts(self, manager: Manifest) -> Mapping[str, Any]:
        """The layouts of the file that the manager's variable names."""
        (container,) = manager["spec"]["containers"]
        path = next(entry["value"] for entry in container["env"] if entry["name"] == "CONFIG_FILE")
        folder, _, key = path.rpartition("/")
        volume = next(mount["name"] for mount in container["volumeMounts"] if mount["mountPath"] == folder)
        name = next(each["configMap"]["name"] for each in manager["spec"]["volumes"] if each["name"] == volume)
        data = self._client.get("v1", "ConfigMap", name, manager["metadata"]["namespace"])["data"]
        layouts: Mapping[str, Any] = yaml.safe_load(data[key])["mig-configs"]
        return layouts

    def _say(self, node: Manifest, state: str) -> None:
        self._client.patch("v1", "Node", node["metadata"]["name"], {"metadata": {"labels": {STATE_LABEL: state}}})


def split_gpus(layouts: Mapping[str, Any], wanted: str, model: str, count: int) -> tuple[Gpu, ...]:
    """`count` GPUs of `model`, split as the layout `wanted` says.

    Raises:
        MigError: there is no such layout, the GPU knows no MIG, or it does not take the layout.
    """
    if wanted not in layouts:
        raise MigError(f"no layout {wanted}; there are: {', '.join(sorted(layouts)) or 'none'}")
    gpus: list[Gpu] = [None] * count
    for entry in layouts[wanted]:
        for index in range(count) if entry["devices"] == "all" else entry["devices"]:
            gpus[index] = _instances(entry["mig-devices"], model) if entry["mig-enabled"] else None
    return tuple(gpus)


def _instances(wanted: Mapping[str, int], model: str) -> dict[str, int]:
    if model not in MEMORY_GB:
        raise MigError(f"a GPU of model {model or 'unknown'} has no MIG")
    compute = memory = 0
    for profile, count in wanted.items():
        match = _PROFILE.fullmatch(profile)
        if match is None:
            raise MigError(f"{profile} is not simulated")
        compute += int(match[1]) * count
        memory += -(-int(match[2]) * MEMORY_SLICES // MEMORY_GB[model]) * count
    if compute > COMPUTE_SLICES or memory > MEMORY_SLICES:
        raise MigError(f"{dict(wanted)} needs {compute} slices of compute and {memory} of memory of one {model}")
    return dict(wanted)


def _whole(node: Manifest) -> tuple[Gpu, ...]:
    labels = node["metadata"]["labels"]
    if labels.get("nvidia.com/gpu.present") != "true":
        return ()
    return (None,) * INSTANCE_TYPES[labels["node.kubernetes.io/instance-type"]].gpus


def model_of(node: Manifest) -> str:
    """Model of a node's GPUs; empty where it has none."""
    return INSTANCE_TYPES[node["metadata"]["labels"]["node.kubernetes.io/instance-type"]].gpu


def _is_manager(pod: Manifest) -> bool:
    owners = pod["metadata"].get("ownerReferences", [])
    running = pod["status"].get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]
    manager = any(IMAGE in container["image"] for container in pod["spec"]["containers"])
    return running and manager and any(owner["kind"] == "DaemonSet" for owner in owners)


def _on(pod: Manifest, node: Manifest) -> bool:
    return bool(pod["spec"].get("nodeName") == node["metadata"]["name"])


def _uses_gpus(pod: Manifest) -> bool:
    asked = (container.get("resources", {}).get("limits", {}) for container in pod["spec"]["containers"])
    return bool(pod["spec"].get("resourceClaims")) or any(name.startswith(VENDOR) for each in asked for name in each)
