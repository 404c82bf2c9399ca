"""What reviewers are told of changes that roll the nodes of an EKS managed node group."""

from __future__ import annotations

import pytest

from bedplate.graph.graph import Graph
from bedplate.graph.values import Json
from tests.output.builders import aws, comparison, graph, review

OLD: dict[str, Json] = {
    "releaseVersion": "1.35.6-20260714",
    "version": "1.35",
    "scalingConfig": {"desiredSize": 2},
    "updateConfig": {"maxUnavailable": 1},
}


def made(**inputs: Json) -> Graph:
    return graph(aws("eks/nodeGroup:NodeGroup", "h100", {**OLD, **inputs}))


def dangers(head: Graph, base: Graph) -> tuple[str, ...]:
    found = comparison(review(head), review(base)).dangers
    return tuple(text for text in found if text.startswith("nodes of "))


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ({"maxUnavailable": 1}, "1 node at once"),
        ({"maxUnavailable": 3}, "3 nodes at once"),
        ({"maxUnavailablePercentage": 10}, "10 % at once"),
        ({"maxUnavailable": {"$unknown": True}}, "nobody knows how many at once"),
    ],
)
def test_another_release_replaces_the_nodes_that_are_there(update: Json, words: str) -> None:
    base, head = made(updateConfig=update), made(updateConfig=update, releaseVersion="1.35.7-20260801")
    assert dangers(head, base) == (f"nodes of eks.NodeGroup h100 are replaced, {words}: releaseVersion",)


def test_another_version_of_the_launch_template_does_so_too() -> None:
    base, head = ({"launchTemplate": {"version": number}} for number in ("1", "2"))
    text = "nodes of eks.NodeGroup h100 are replaced, 1 node at once: launchTemplate.version"
    assert dangers(made(**head), made(**base)) == (text,)


def test_groups_without_nodes_and_other_changes_replace_none() -> None:
    empty = {"scalingConfig": {"desiredSize": 0}}
    assert dangers(made(**empty, version="1.36"), made(**empty)) == ()
    assert dangers(made(labels={"a": "b"}), made()) == ()
