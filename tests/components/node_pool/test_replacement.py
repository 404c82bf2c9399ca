"""The law of names: a node group is called differently exactly when EKS has to make a new one.

A new group exists before the old one goes, and EKS allows a name once. A name that stays would let the replacement
collide; one that changes for nothing would move every pod of a pool for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from bedplate.catalog import catalog
from bedplate.cli.planning import replacement_rules
from bedplate.environment.facts import pool_facts, pool_image
from bedplate.graph.diff import Action, Change, diff
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from components.node_pool.spec import NodePoolSpec
from stacks.node_pools import gpu_facts
from tests.components.node_pool.graphs import NODE_GROUP, pool_graph
from tests.components.node_pool.pools import pool_spec
from tests.contracts.leaves import leaf_at, leaves
from tests.support.aws_program import only
from tests.support.environments import PLATFORM, dev, replaced

NAME = "nodeGroupName"
KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"

# A pool with a value for every field; each edit of EDITS changes one of them.
WHOLE: dict[str, Any] = {
    "name": "l4",
    "role": "inference",
    "instanceTypes": ["g6.8xlarge"],
    "size": {"min": 0, "desired": 1, "max": 4},
    "capacity": "onDemand",
    "reservation": {"id": "cr-0a1b2c3d4e5f60718", "zone": "us-east-1a"},
    "zones": ["us-east-1a"],
    "labels": {"example.org/rack": "a"},
    "taints": [{"key": "example.org/for", "value": "research", "effect": "NoSchedule"}],
    "kubernetes": "1.35",
    "ami": {"family": "al2023"},
    "efa": {"interfaces": "max"},
    "placement": "cluster",
    "update": {"maxUnavailable": 1, "strategy": "launchFirst", "canary": False},
    "repair": {
        "enabled": True,
        "maxUnhealthyNodes": 1,
        "maxParallelNodes": 1,
        "overrides": [
            {
                "condition": "AcceleratedHardwareReady",
                "reason": "NvidiaXID64Error",
                "minWaitMinutes": 5,
                "action": "reboot",
            }
        ],
    },
    "warmPool": {"min": 1, "maxPrepared": 3, "state": "stopped", "reuseOnScaleIn": False},
    "disk": {"gib": 100, "iops": 4000, "throughputMibs": 200, "kmsKeyArn": KEY},
    "instanceStore": "none",
    "sharing": {"timeSlicing": {"replicas": 4}},
}
EDITS: tuple[tuple[str, Any], ...] = (
    ("name", "l4-large"),
    ("role", "training"),
    ("instanceTypes", ["g6.16xlarge"]),
    ("instanceTypes", ["g6.8xlarge", "g6.16xlarge"]),
    ("size.min", 1),
    ("size.desired", 2),
    ("size.max", 5),
    ("capacity", "capacityBlock"),
    ("capacity", "spot"),
    ("reservation", None),
    ("reservation.id", "cr-1a1b2c3d4e5f60718"),
    ("reservation.zone", "us-east-1b"),
    ("zones", []),
    ("labels", {"example.org/rack": "b"}),
    ("taints[0].key", "example.org/other"),
    ("taints[0].value", "production"),
    ("taints[0].effect", "NoExecute"),
    ("kubernetes", "1.34"),
    ("ami.family", "bottlerocket"),
    ("ami", {"family": "bottlerocket", "release": "1.53.0-0a1b2c3d", "fips": True}),
    ("ami.fips", False),
    ("ami.release", "1.35.6-20260801"),
    ("efa", None),
    ("efa.interfaces", 1),
    ("placement", None),
    ("update.maxUnavailable", 2),
    ("update", {"maxUnavailablePercent": 50}),
    ("update.maxUnavailablePercent", None),
    ("update.strategy", "terminateFirst"),
    ("update.canary", True),
    ("repair", {"enabled": False}),
    ("repair.enabled", True),
    ("repair.maxUnhealthyNodes", 2),
    ("repair.maxUnhealthyPercent", None),
    ("repair", {"maxUnhealthyPercent": 20, "maxParallelPercent": 20}),
    ("repair.maxParallelNodes", 2),
    ("repair.maxParallelPercent", None),
    ("repair.overrides[0].condition", "KernelReady"),
    ("repair.overrides[0].reason", "NvidiaXID48Error"),
    ("repair.overrides[0].minWaitMinutes", 10),
    ("repair.overrides[0].action", "none"),
    ("warmPool", None),
    ("warmPool.min", 2),
    ("warmPool.maxPrepared", 4),
    ("warmPool.state", "running"),
    ("warmPool.reuseOnScaleIn", True),
    ("disk.gib", 200),
    ("disk.iops", 5000),
    ("disk.throughputMibs", 300),
    ("disk.kmsKeyArn", None),
    ("instanceStore", "raid0"),
    ("sharing", None),
    ("sharing.timeSlicing.replicas", 2),
)
# The same for how MIG splits GPUs and pods ask for them, of which EKS knows nothing: nodes must start anew, and so the
# name changes.
SPLIT: dict[str, Any] = {
    **WHOLE,
    "instanceTypes": ["p5.48xlarge"],
    "sharing": {"mig": {"layout": {"1g.10gb": 7}, "strategy": "mixed"}},
}
SPLIT_EDITS: tuple[tuple[str, Any], ...] = (
    ("sharing", {"mig": {"profile": "2g.20gb"}}),
    ("sharing.mig.profile", None),
    ("sharing.mig.layout", {"1g.10gb": 3, "2g.20gb": 2}),
    ("sharing.mig.strategy", "single"),
    ("devicePath", "dra"),
)
# What EKS cannot change in a group that exists. A zone is a cause through the pool's subnets, which have no id yet.
FORCING = {
    "name",
    "instanceTypes",
    "capacity",
    "reservation.zone",
    "ami.family",
    "ami",
}


def graph_of(data: dict[str, Any]) -> Graph:
    """The Graph of a pool with exactly the fields `data`, wired as an environment wires it."""
    facts = pool_facts(pool_spec(**data), catalog.load())
    image = pool_image(facts, dev().baseline, dev().catalog)
    return pool_graph(
        gpu=gpu_facts(facts), ami_type=image.ami_type, interfaces=facts.interfaces, version=image.kubernetes, **data
    )


BASE = graph_of(WHOLE)


def group(graph: Graph) -> Resource:
    return only(graph, NODE_GROUP)


def causes(before: Graph, after: Graph) -> set[str]:
    """Why EKS would replace the group, its own name apart: inputs by the rules, and other subnets."""
    rule = replacement_rules(PLATFORM)[NODE_GROUP]
    found: Iterable[Change] = diff(before, after, replacement_rules(PLATFORM))
    properties = [item for change in found if change.resource.type == NODE_GROUP for item in change.properties]
    paths = {item.path for item in properties if rule.replaces(item) and item.path != NAME}
    old, new = (group(graph).property_dependencies["subnetIds"] for graph in (before, after))
    return paths | ({"subnetIds"} if set(old) != set(new) else set())


@pytest.mark.parametrize(("path", "value"), SPLIT_EDITS, ids=lambda item: str(item)[:40])
def test_another_split_of_the_gpus_or_another_path_to_them_gives_another_name(path: str, value: Any) -> None:
    data = replaced(SPLIT, path, value)
    renamed = group(graph_of(SPLIT)).inputs[NAME] != group(graph_of(data)).inputs[NAME]

    assert renamed == (layout(SPLIT) != layout(data))


def layout(data: dict[str, Any]) -> tuple[str, bool]:
    """How the GPUs of a pool are split, and whether pods claim them."""
    facts = pool_facts(pool_spec(**data), catalog.load())
    return (facts.partition.config if facts.partition else "", facts.dra)


@pytest.mark.parametrize(("path", "value"), EDITS, ids=lambda item: str(item)[:40])
def test_the_name_changes_exactly_when_the_group_is_replaced(path: str, value: Any) -> None:
    after = graph_of(replaced(WHOLE, path, value))
    renamed = group(BASE).inputs[NAME] != group(after).inputs[NAME]
    found = [item for item in diff(BASE, after, replacement_rules(PLATFORM)) if item.resource.type == NODE_GROUP]

    assert group(BASE).urn == group(after).urn
    assert renamed == bool(causes(BASE, after)) == (path in FORCING)
    assert renamed == any(change.action is Action.REPLACE for change in found)


def test_every_field_of_a_pool_is_edited() -> None:
    known = set(leaves(NodePoolSpec))
    bare = {path for path, _ in EDITS}
    edited = {leaf_at(known, WHOLE, path) for path in bare if path not in WHOLE or not _holds(WHOLE[path])}
    edited |= {leaf_at(known, SPLIT, path) for path, _ in SPLIT_EDITS if path != "sharing"}

    # Another provisioner is another kind of pool.
    assert sorted(known - edited) == ["provisioner"]


def _holds(value: Any) -> bool:
    """Whether `value` is a part of an entry, and no leaf."""
    return isinstance(value, dict) and "example.org/rack" not in value
