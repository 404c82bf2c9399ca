"""Taking pods off a node as EKS does it: through the eviction API, which asks their disruption budgets."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.manifests import Manifest

Pods = Sequence[Manifest]

# What EKS puts on nodes that are about to go, so that load balancers let go of them.
_EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"
_MIRROR = "kubernetes.io/config.mirror"
_ENDED = ("Failed", "Succeeded")


def close(client: KubeClient, node: Manifest) -> None:
    """Let no new pods onto the node."""
    if not node["spec"].get("unschedulable"):
        change = {"metadata": {"labels": {_EXCLUDED: "true"}}, "spec": {"unschedulable": True}}
        client.patch("v1", "Node", node["metadata"]["name"], change)


def open_again(client: KubeClient, node: Manifest) -> None:
    """Take back `close`; what somebody else closed stays closed."""
    if _EXCLUDED in node["metadata"]["labels"]:
        change = {"metadata": {"labels": {_EXCLUDED: None}}, "spec": {"unschedulable": None}}
        client.patch("v1", "Node", node["metadata"]["name"], change)


def empty(client: KubeClient, node: str, pods: Pods, *, by_force: bool) -> bool:
    """Evict what runs on the node, or delete it `by_force`; whether nothing but DaemonSets' pods is left.

    `pods` are those that are bound to a node.
    """
    left = [pod for pod in pods if pod["spec"]["nodeName"] == node and _has_to_go(pod)]
    for pod in left:
        metadata = pod["metadata"]
        if "deletionTimestamp" in metadata:
            continue
        if by_force:
            client.delete("v1", "Pod", metadata["name"], metadata["namespace"], grace_seconds=0)
        else:
            client.evict(metadata["name"], metadata["namespace"])
    return not left


def _has_to_go(pod: Manifest) -> bool:
    owners = pod["metadata"].get("ownerReferences", [])
    stays = any(owner["kind"] == "DaemonSet" for owner in owners) or _MIRROR in pod["metadata"].get("annotations", {})
    return not stays and pod.get("status", {}).get("phase") not in _ENDED
