"""A canary is updated first: what is like it waits for its node group, in the engine's own order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from tests.components.node_pool.graphs import NODE_GROUP
from tests.support.aws_program import named
from tests.support.environments import PLATFORM, replaced, repository, whole, write

TRIAL = {
    "name": "trial",
    "provisioner": "managed",
    "role": "inference",
    "instanceTypes": ["g6.xlarge"],
    "size": {"min": 1, "desired": 1, "max": 1},
    "update": {"canary": True},
}


def recorded_with(folder: Path, *pools: Mapping[str, object]) -> Graph:
    """The environment `dev` with further pools behind its own."""
    data = whole(PLATFORM, "dev")
    root = repository(folder)
    write(root, "environments/dev.yaml", replaced(data, "nodePools", [*data["nodePools"], *pools]))
    return recorded(load(root, "dev"))


def waits(graph: Graph, pool: str, other: str) -> bool:
    """Whether the node group of `pool` is made and changed only after that of `other`."""
    return named(graph, NODE_GROUP, f"{other}-nodes").urn in named(graph, NODE_GROUP, f"{pool}-nodes").dependencies


def test_pools_with_gpus_wait_for_the_canary_with_gpus_and_no_other_does(tmp_path: Path) -> None:
    graph = recorded_with(tmp_path, TRIAL)

    assert waits(graph, "l4", "trial")
    assert not waits(graph, "system", "trial")
    assert not waits(graph, "trial", "l4")


def test_canaries_do_not_wait_for_each_other(tmp_path: Path) -> None:
    graph = recorded_with(tmp_path, TRIAL, {**TRIAL, "name": "another"})

    assert waits(graph, "l4", "trial")
    assert waits(graph, "l4", "another")
    assert not waits(graph, "trial", "another")
    assert not waits(graph, "another", "trial")


def test_without_a_canary_nobody_waits(tmp_path: Path) -> None:
    graph = recorded_with(tmp_path, {**TRIAL, "update": {"canary": False}})

    assert not waits(graph, "l4", "trial")
