"""EC2 and the kubelet's registration: makes, relabels and takes away the nodes of node groups."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.manifests import Manifest
from tests.support.controlplane.node_groups import NodeGroup
from tests.support.controlplane.nodes import GROUP_LABEL
from tests.support.controlplane.updates import Updates

# Taints that the control plane itself puts on nodes.
SYSTEM_TAINTS = "node.kubernetes.io/"


class Fleet:
    """The nodes of all node groups of one cluster."""

    def __init__(self, client: KubeClient, updates: Updates) -> None:
        self._client = client
        self._updates = updates
        self._registered: dict[str, Manifest] = {}

    def follow(
        self, groups: Sequence[NodeGroup], pods: Sequence[Manifest], lost: Container[str] = ()
    ) -> list[Manifest]:
        """Make the cluster's nodes those of `groups`, and return the ones that were there already and stay.

        `pods` are the pods that are bound to a node, listed before this call: where a pod's node is missing now, the
        node has gone, and so has the pod. Nodes of a release in `lost` never join.
        """
        every = {node["metadata"]["name"]: node for node in self._client.objects("v1", "Node")}
        present = {name: node for name, node in every.items() if GROUP_LABEL in node["metadata"]["labels"]}
        wanted: dict[str, Manifest | None] = {}
        for group in groups:
            own = {name: node for name, node in present.items() if _group(node) == group.name}
            wanted |= self._updates.wanted(group, own, pods, joins=group.release not in lost)
        leaving = present.keys() - wanted.keys()
        for name in sorted(leaving):
            self._client.patch("v1", "Node", name, {"spec": {"unschedulable": True}})
        staying = every.keys() - leaving
        self._kill(pod for pod in pods if pod["spec"]["nodeName"] not in staying)
        for name in sorted(leaving):
            self._client.delete("v1", "Node", name)
        for name, node in sorted(wanted.items()):
            if node is not None and name not in present:
                self._register(node)
            elif node is not None:
                self._relabel(present[name], node)
        return [present[name] for name in sorted(wanted.keys() & present.keys())]

    def _register(self, node: Manifest) -> None:
        # A create request, as the kubelet's: the only one that takes the status along, so that no moment exists in
        # which the node has no limits.
        self._client.request("POST", "/api/v1/nodes", node)
        self._registered[node["metadata"]["name"]] = node

    def _relabel(self, present: Manifest, wanted: Manifest) -> None:
        name = present["metadata"]["name"]
        before = self._registered.setdefault(name, wanted)
        if before == wanted:
            return
        gone = before["metadata"]["labels"].keys() - wanted["metadata"]["labels"].keys()
        labels = {**dict.fromkeys(gone), **wanted["metadata"]["labels"]}
        system = [taint for taint in present["spec"].get("taints", []) if taint["key"].startswith(SYSTEM_TAINTS)]
        taints = [*wanted["spec"].get("taints", []), *system]
        self._client.patch("v1", "Node", name, {"metadata": {"labels": labels}, "spec": {"taints": taints}})
        self._registered[name] = wanted

    def _kill(self, pods: Iterable[Manifest]) -> None:
        for pod in pods:
            metadata = pod["metadata"]
            self._client.delete("v1", "Pod", metadata["name"], metadata["namespace"], grace_seconds=0)


def _group(node: Manifest) -> str:
    return str(node["metadata"]["labels"][GROUP_LABEL])
