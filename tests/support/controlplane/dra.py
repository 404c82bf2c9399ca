"""NVIDIA's DRA driver on a node: publishes GPUs, and MIG instances of split ones, as a ResourceSlice.

Follows dra-driver-nvidia-gpu 0.5.0 without feature gates: one pool a node, called after it; whole GPUs are ``gpu-0``
and of type ``gpu``, instances ``gpu-0-mig-1g10gb-…`` and of type ``mig``, and a split GPU is not offered as a whole.
The driver looks at its node once, when it starts; the kubelet takes its slices away when it has gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.manifests import Manifest
from tests.support.controlplane.mig import Gpu, MigManagers, model_of

IMAGE = "dra-driver-nvidia-gpu"
DRIVER = "gpu.nvidia.com"
API, KIND = "resource.k8s.io/v1", "ResourceSlice"
PROGRAM = "gpu-kubelet-plugin"


class DraDrivers:
    """Keeps the cluster's ResourceSlices equal to what the drivers that run on nodes would publish."""

    def __init__(self, client: KubeClient, managers: MigManagers) -> None:
        self._client = client
        self._managers = managers
        self._published: dict[str, str] = {}

    def follow(self, nodes: Iterable[Manifest], pods: Sequence[Manifest]) -> None:
        """Publish and take away what has changed since the last call."""
        drivers = {pod["spec"]["nodeName"]: pod["metadata"]["uid"] for pod in pods if _is_driver(pod)}
        present = {node["metadata"]["name"]: node for node in nodes}
        for name in [name for name, uid in self._published.items() if drivers.get(name) != uid or name not in present]:
            self._client.delete(API, KIND, _slice_name(name))
            del self._published[name]
        for name, node in present.items():
            if name in drivers and name not in self._published:
                self._client.apply(resource_slice(node, self._managers.gpus(node), model_of(node)))
                self._published[name] = drivers[name]


def resource_slice(node: Manifest, gpus: Sequence[Gpu], model: str) -> Manifest:
    """The slice of a node with these GPUs; it goes with the node."""
    name = node["metadata"]["name"]
    owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": node["metadata"]["uid"], "controller": True}
    return {
        "apiVersion": API,
        "kind": KIND,
        "metadata": {"name": _slice_name(name), "ownerReferences": [owner]},
        "spec": {
            "driver": DRIVER,
            "nodeName": name,
            "pool": {"name": name, "generation": 1, "resourceSliceCount": 1},
            "devices": [device for index, gpu in enumerate(gpus) for device in _devices(name, index, gpu, model)],
        },
    }


def _devices(node: str, index: int, gpu: Gpu, model: str) -> Iterator[dict[str, Any]]:
    whole = _uuid("GPU", f"{node}/{index}")
    common = {"productName": {"string": f"NVIDIA {model}"}, "driverVersion": {"version": "580.159.3"}}
    if gpu is None:
        yield {
            "name": f"gpu-{index}",
            "attributes": {**common, "type": {"string": "gpu"}, "uuid": {"string": whole}},
        }
        return
    profiles = [profile for profile, count in sorted(gpu.items()) for _ in range(count)]
    for place, profile in enumerate(profiles):
        own = {
            "type": {"string": "mig"},
            "profile": {"string": profile},
            "parentUUID": {"string": whole},
            "uuid": {"string": _uuid("MIG", f"{node}/{index}/{place}")},
        }
        # Names of devices are DNS labels: the driver writes a profile without its dot.
        name = f"gpu-{index}-mig-{profile.replace('.', '')}-{place}"
        yield {"name": name, "attributes": {**common, **own}}


def _uuid(prefix: str, identity: str) -> str:
    digits = hashlib.sha256(identity.encode()).hexdigest()
    return f"{prefix}-{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"


def _slice_name(node: str) -> str:
    return f"{node}-{DRIVER}-simulated"


def _is_driver(pod: Manifest) -> bool:
    owners = pod["metadata"].get("ownerReferences", [])
    running = pod["status"].get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]
    daemon = any(owner["kind"] == "DaemonSet" for owner in owners)
    return running and daemon and any(map(_runs_driver, pod["spec"]["containers"]))


def _runs_driver(container: Manifest) -> bool:
    words = [*container.get("command", []), *container.get("args", [])]
    return IMAGE in container["image"] and any(PROGRAM in word for word in words)
