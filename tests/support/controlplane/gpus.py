"""The kubelet's device manager: GPUs, and instances of split ones, on nodes whose device plugin runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.device_plugin import DEFAULT_LABEL, DevicePluginError, advertised, is_device_plugin
from tests.support.controlplane.dra import DraDrivers
from tests.support.controlplane.manifests import Manifest
from tests.support.controlplane.mig import VENDOR, Gpu, MigManagers


class GpuDevices:
    """Keeps ``nvidia.com/*`` in the nodes' status equal to what the device plugins that run there advertise, and the
    ResourceSlices equal to what DRA drivers publish."""

    def __init__(
        self, client: KubeClient, report: Callable[[Exception], None], works: Callable[[Manifest], bool]
    ) -> None:
        """`works` tells of a node whether its driver does: without it no GPU is seen."""
        self._client = client
        self._report = report
        self._works = works
        self._managers = MigManagers(client, report)
        self._drivers = DraDrivers(client, self._managers)
        # A plugin reads its file once, when it starts: one entry a pod and chosen configuration.
        self._started: dict[tuple[str, str], Mapping[str, int]] = {}

    def follow(self, nodes: Iterable[Manifest], pods: Sequence[Manifest]) -> None:
        """Write what has changed since the last call."""
        nodes = list(nodes)
        self._managers.follow(nodes, pods)
        self._drivers.follow(nodes, pods)
        plugins = {pod["spec"]["nodeName"]: pod for pod in pods if is_device_plugin(pod) and _runs(pod)}
        for node in nodes:
            name, capacity = node["metadata"]["name"], node["status"]["capacity"]
            plugin = plugins.get(name)
            wanted: Mapping[str, int] = {}
            if plugin and self._works(node):
                wanted = self._advertised(plugin, node["metadata"]["labels"], self._managers.gpus(node))
            # A plugin that has gone leaves its resource behind, with nothing in it.
            counts = {key: "0" for key in capacity if key.startswith(VENDOR)}
            counts |= {key: str(count) for key, count in wanted.items()}
            if any(capacity.get(key) != count for key, count in counts.items()):
                status = {"capacity": counts, "allocatable": counts}
                self._client.patch("v1", "Node", name, {"status": status}, subresource="status")

    def _advertised(self, plugin: Manifest, labels: Mapping[str, str], gpus: Sequence[Gpu]) -> Mapping[str, int]:
        start = (plugin["metadata"]["uid"], labels.get(DEFAULT_LABEL, ""))
        if start not in self._started:
            try:
                self._started[start] = advertised(plugin, labels, gpus, self._config_map)
            except DevicePluginError as error:
                self._report(error)
                self._started[start] = {}
        return self._started[start]

    def _config_map(self, namespace: str, name: str) -> Mapping[str, str]:
        data: Mapping[str, str] = self._client.get("v1", "ConfigMap", name, namespace).get("data", {})
        return data


def _runs(pod: Manifest) -> bool:
    return pod["status"].get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]
