"""Nodes that Karpenter starts: what a Graph knows of them from their NodePool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bedplate.graph.derive.node_group import NodeGroup
from bedplate.graph.derive.node_labels import INSTANCE_TYPE, REGION
from bedplate.graph.derive.scheduling import NodeShape
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, thaw

NODE_POOL_TYPE = "kubernetes:karpenter.sh/v1:NodePool"

_POOL = "bedplate.dev/pool"
_ZONE = "topology.kubernetes.io/zone"
# Every node carries these, with values that differ from node to node or that Karpenter and AWS choose.
_DECIDED_LATE = frozenset(
    {
        "karpenter.k8s.aws/instance-category",
        "karpenter.k8s.aws/instance-cpu",
        "karpenter.k8s.aws/instance-family",
        "karpenter.k8s.aws/instance-generation",
        "karpenter.k8s.aws/instance-memory",
        "karpenter.k8s.aws/instance-size",
        "kubernetes.io/hostname",
        "topology.k8s.aws/zone-id",
    }
)


def karpenter_groups(graph: Graph, region: str | None) -> tuple[NodeGroup, ...]:
    """Pools of nodes that Karpenter keeps in `graph`. Their count is that of nodes which are there whatever pods wait.

    `region` is the AWS provider's; None where several providers differ.
    """
    return tuple(_group(item, region) for item in graph.of_type(NODE_POOL_TYPE) if _is_pool(item))


def other_node_pools(graph: Graph) -> tuple[str, ...]:
    """Names of NodePools that are no pool of the environment, as those of a chart: nobody says what bounds them."""
    others = (item for item in graph.of_type(NODE_POOL_TYPE) if not _is_pool(item))
    return tuple(sorted(str(get(item.inputs, "metadata", "name")) for item in others))


def _is_pool(resource: Resource) -> bool:
    return get(resource.inputs, "spec", "template", "metadata", "labels", _POOL) is not None


def _group(resource: Resource, region: str | None) -> NodeGroup:
    spec = thaw(resource.inputs["spec"])
    labels = {key: str(value) for key, value in get(spec, "template", "metadata", "labels", default={}).items()}
    chosen = _requirements(get(spec, "template", "spec", "requirements", default=()))
    known = {key: values[0] for key, values in chosen.items() if len(values) == 1}
    known |= {"karpenter.sh/nodepool": str(get(resource.inputs, "metadata", "name"))}
    known |= {"karpenter.k8s.aws/ec2nodeclass": str(get(spec, "template", "spec", "nodeClassRef", "name"))}
    if region is not None:
        known[REGION] = region
    late = _DECIDED_LATE | {REGION, _ZONE, *chosen} - known.keys()
    taints = [{"value": "", **taint} for taint in get(spec, "template", "spec", "taints", default=())]
    shape = NodeShape(labels[_POOL], {**labels, **known}, taints, frozenset(late))
    replicas = spec.get("replicas")
    types = tuple(chosen.get(INSTANCE_TYPE, ()))
    return NodeGroup(shape, count=int(replicas or 0), instance_types=types, elastic=replicas is None)


def _requirements(items: Sequence[Mapping[str, Json]]) -> dict[str, list[str]]:
    """Values that Karpenter may choose from, by label."""
    return {str(item["key"]): [str(value) for value in item["values"]] for item in items if item["operator"] == "In"}
