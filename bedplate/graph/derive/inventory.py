"""Nodes that are there: what a Graph knows of them from the labels that it puts on them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bedplate.graph.derive.gpu_operator import FROM, GIVEN
from bedplate.graph.derive.node_group import NodeGroup
from bedplate.graph.derive.node_labels import MIG_CONFIG, MIG_STATE
from bedplate.graph.derive.scheduling import NodeShape
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import get

NODE_PATCH_TYPE = "kubernetes:core/v1:NodePatch"

_POOL = "bedplate.dev/pool"
_TAINTS = "bedplate.dev/taints"
# Labels that every node carries, with values that only the node itself tells.
_DECIDED_LATE = frozenset(
    {
        "beta.kubernetes.io/arch",
        "beta.kubernetes.io/os",
        "kubernetes.io/arch",
        "kubernetes.io/hostname",
        "node.kubernetes.io/instance-type",
        "topology.kubernetes.io/region",
        "topology.kubernetes.io/zone",
    }
)


def inventory_groups(graph: Graph) -> tuple[NodeGroup, ...]:
    """Pools of nodes that `graph` labels, by name. Nodes of one pool carry the same labels and taints."""
    pools: dict[str, list[Resource]] = {}
    for resource in graph.of_type(NODE_PATCH_TYPE):
        pool = get(resource.inputs, "metadata", "labels", _POOL)
        if pool is not None:
            pools.setdefault(str(pool), []).append(resource)
    return tuple(_group(name, pools[name]) for name in sorted(pools))


def _group(name: str, nodes: Sequence[Resource]) -> NodeGroup:
    metadata = nodes[0].inputs["metadata"]
    labels = {"kubernetes.io/os": "linux", **{key: str(value) for key, value in metadata["labels"].items()}}
    # What others say once they have done what the labels ask of them.
    labels |= GIVEN if FROM in labels else {}
    labels |= {MIG_STATE: "success"} if MIG_CONFIG in labels else {}
    taints = json.loads(str(metadata["annotations"][_TAINTS]))
    server = labels["bedplate.dev/server"]
    return NodeGroup(NodeShape(name, labels, taints, _DECIDED_LATE), count=len(nodes), instance_types=(server,))
