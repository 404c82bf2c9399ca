"""The GPU pools of an environment in a real cluster: its node groups, its agents, and pods of its models."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bedplate.catalog.devices import GPU_CLASS, mig_class
from bedplate.environment.facts import node_facts, nodes_of
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.derive.expand import NODE_GROUP_TYPE, PodGroup, pod_groups
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import KubernetesObject, kubernetes_objects, portable_manifest
from bedplate.graph.values import thaw
from tests.cluster.conftest import NodeGroups
from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.manifests import Manifest
from tests.support.controlplane.nodes import GROUP_LABEL
from tests.support.polling import poll

DEADLINE = 90.0
RUN = "tests.bedplate.dev/run"
# What the simulator reads of a node group; its launch template only matters for disks.
_GROUP_FIELDS = ("clusterName", "scalingConfig", "instanceTypes", "amiType", "capacityType", "labels", "taints")


class GpuWorld:
    """Nodes and agents as an environment declares them. Pods go to a namespace of the test's own."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        self._client = client
        self._namespace = namespace

    def bound(self, pods: Sequence[Manifest]) -> bool:
        """Create `pods` one after the other and say whether the scheduler finds a node for each; then delete them.

        Raises:
            DeadlineError: some pod is neither bound nor refused by the scheduler in time.
        """
        for pod in pods:
            self._client.apply(pod)
        try:
            poll("a verdict on every pod", lambda: all(map(_decided, self._pods())), DEADLINE, self._seen)
            return all("nodeName" in pod["spec"] for pod in self._pods())
        finally:
            for pod in pods:
                self._client.delete("v1", "Pod", pod["metadata"]["name"], self._namespace, grace_seconds=0)
            poll("all pods and claims gone", lambda: not self._pods() and not self._claims(), DEADLINE)

    def pods_of(self, graph: Graph, seed: int) -> list[Manifest]:
        """The pods of all models at most replicas, in an order that `seed` decides."""
        groups = [group for group in pod_groups(graph) if not group.node]
        for item in kubernetes_objects(graph):
            if item.kind == "ResourceClaimTemplate":
                template = portable_manifest(item)
                self._client.apply({**template, "metadata": {"name": item.name, "namespace": self._namespace}})
        pods = [self._pod(group, number) for group in groups for number in range(group.maximum or 0)]
        random.Random(seed).shuffle(pods)
        for account in sorted({pod["spec"].get("serviceAccountName", "default") for pod in pods}):
            metadata = {"name": account, "namespace": self._namespace}
            self._client.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
        return pods

    def _pod(self, group: PodGroup, number: int) -> Manifest:
        metadata = {"name": f"{group.name}-{number}", "namespace": self._namespace, "labels": {RUN: "trial"}}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": thaw(group.spec)}

    def _pods(self) -> list[Manifest]:
        return self._client.objects("v1", "Pod", self._namespace, label_selector=RUN)

    def _claims(self) -> list[Manifest]:
        return self._client.objects("resource.k8s.io/v1", "ResourceClaim", self._namespace)

    def _seen(self) -> str:
        return "; ".join(f"{pod['metadata']['name']}: {_refusal(pod)}" for pod in self._pods() if not _decided(pod))


@contextmanager
def gpu_world(
    client: KubeClient, groups: NodeGroups, namespace: str, resolved: ResolvedEnvironment, graph: Graph
) -> Iterator[GpuWorld]:
    """Nodes that offer their GPUs as `graph` says. Agents are gone at the end, and nodes with their fixture."""
    agents = [item for item in kubernetes_objects(graph) if _is_agent(item, resolved)]
    agents.sort(key=lambda item: item.kind != "Namespace")
    try:
        for inputs in _group_inputs(graph):
            groups.put(inputs["clusterName"] + "-" + inputs["labels"]["bedplate.dev/pool"], **inputs)
        for item in agents:
            client.apply(portable_manifest(item))
        offers = {name: count for name, count in _offers(resolved).items() if count}
        poll(
            "nodes that offer what the plan says",
            lambda: _offered(client) == offers,
            DEADLINE,
            lambda: str({"wanted": offers, "offered": _offered(client)}),
        )
        yield GpuWorld(client, namespace)
    finally:
        for item in reversed(agents):
            manifest = item.manifest
            client.delete(manifest["apiVersion"], item.kind, item.name, item.namespace or None)
        poll(
            "agents gone",
            lambda: not client.objects("v1", "Pod", resolved.environment.gpu_baseline.namespace),
            DEADLINE,
        )


def _is_agent(item: KubernetesObject, resolved: ResolvedEnvironment) -> bool:
    if item.resource.derived_from is not None:
        return False
    home = resolved.environment.gpu_baseline.namespace
    cluster_wide = item.kind == "DeviceClass" or (item.kind, item.name) == ("Namespace", home)
    return item.namespace == home or cluster_wide


def _group_inputs(graph: Graph) -> Iterator[dict[str, Any]]:
    for resource in graph.of_type(NODE_GROUP_TYPE):
        inputs = thaw(resource.inputs)
        yield {key: inputs[key] for key in _GROUP_FIELDS if key in inputs}


def _offers(resolved: ResolvedEnvironment) -> Mapping[tuple[str, str], int]:
    """Devices of all nodes of each pool, by pool and resource."""
    found: dict[tuple[str, str], int] = {}
    for pool in resolved.environment.node_pools:
        facts = node_facts(pool, resolved.catalog)
        assert facts is not None
        for name, count in facts.offers.items():
            found[pool.name, name] = count * nodes_of(pool)[1]
    return found


def _offered(client: KubeClient) -> Mapping[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for node in client.objects("v1", "Node", label_selector=GROUP_LABEL):
        pool = node["metadata"]["labels"]["bedplate.dev/pool"]
        for name, count in node["status"]["allocatable"].items():
            if name.startswith("nvidia.com/") and int(count):
                found[pool, name] = found.get((pool, name), 0) + int(count)
        for item in client.objects("resource.k8s.io/v1", "ResourceSlice"):
            for device in item["spec"]["devices"] if item["spec"]["nodeName"] == node["metadata"]["name"] else ():
                name = _class_of(device["attributes"])
                found[pool, name] = found.get((pool, name), 0) + 1
    return found


def _class_of(attributes: Mapping[str, Any]) -> str:
    """The device class that Bedplate has for what a driver publishes."""
    return mig_class(attributes["profile"]["string"]) if "profile" in attributes else GPU_CLASS


def _decided(pod: Manifest) -> bool:
    """Whether the pod has a node, or the scheduler has looked at every node and refused it."""
    return "nodeName" in pod["spec"] or "nodes are available" in _refusal(pod)


def _refusal(pod: Manifest) -> str:
    conditions = pod.get("status", {}).get("conditions") or []
    return next((str(each.get("message", "")) for each in conditions if each["type"] == "PodScheduled"), "")
