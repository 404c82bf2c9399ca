"""Laws of every Graph: order, references, the trip through a file, and what a diff sees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedplate.graph.diff import Action, diff
from bedplate.graph.graph import Graph, GraphError
from bedplate.graph.resource import Resource
from bedplate.graph.values import canonical, freeze
from tests.laws.graphs import graphs, maps, resources

LAW = settings(max_examples=20, deadline=None)


def needs(resource: Resource) -> set[str]:
    """URNs that must be there before `resource`."""
    listed = {urn for urns in resource.property_dependencies.values() for urn in urns}
    single = {resource.parent, resource.provider, resource.derived_from} - {None}
    return {*listed, *resource.dependencies, *(str(urn) for urn in single)}


@LAW
@given(graphs)
def test_creation_order_holds_every_resource_once_and_after_what_it_needs(graph: Graph) -> None:
    seen: set[str] = set()
    for resource in graph.creation_order:
        assert needs(resource) <= seen
        seen.add(resource.urn)
    assert len(graph.creation_order) == len(graph) == len(seen)


@LAW
@given(graphs)
def test_a_graph_survives_a_trip_through_a_file(graph: Graph) -> None:
    again = Graph.from_json(json.loads(graph.bytes))
    assert again.bytes == graph.bytes
    assert again.digest == graph.digest
    assert diff(graph, again, {}) == ()


@LAW
@given(resources(), st.randoms(use_true_random=False))
def test_the_order_of_registration_changes_no_byte(items: Sequence[Resource], random: object) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    both = [Graph(environment="dev", resources=each) for each in (items, shuffled)]
    assert both[0].bytes == both[1].bytes


@LAW
@given(resources().filter(lambda items: len(items) > 1), st.data())
def test_resources_that_need_each_other_make_no_graph(items: Sequence[Resource], data: st.DataObject) -> None:
    first, last = items[0], replace(items[-1], dependencies=(items[0].urn,))
    closed = [replace(first, dependencies=(last.urn,)), *items[1:-1], last]
    with pytest.raises(GraphError, match="need each other"):
        Graph(environment="dev", resources=closed)


@LAW
@given(resources())
def test_a_resource_that_others_need_cannot_be_left_out(items: Sequence[Resource]) -> None:
    needed = {urn for item in items for urn in needs(item)}
    for missing in needed:
        with pytest.raises(GraphError, match="which is not registered"):
            Graph(environment="dev", resources=[item for item in items if item.urn != missing])


@LAW
@given(graphs)
def test_children_and_ancestors_tell_the_same_family(graph: Graph) -> None:
    for resource in graph:
        assert all(child.parent == resource.urn for child in graph.children(resource.urn))
        assert [item.urn for item in graph.ancestors(resource.urn)][:1] == (
            [resource.parent] if resource.parent else []
        )
    assert sum(len(graph.children(item.urn)) for item in graph) == sum(1 for item in graph if item.parent)


@LAW
@given(resources().filter(bool), maps, st.data())
def test_the_diff_sees_exactly_the_resource_whose_inputs_changed(
    items: Sequence[Resource], inputs: dict[str, object], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(items) - 1))
    edited = [replace(item, inputs=freeze(inputs)) if at == index else item for at, item in enumerate(items)]
    base, head = Graph(environment="dev", resources=items), Graph(environment="dev", resources=edited)
    changed = items[index].custom and canonical(items[index].inputs) != canonical(inputs)
    found = diff(base, head, {})
    assert [change.urn for change in found if change.properties] == ([items[index].urn] if changed else [])
    assert all(change.properties or change.causes for change in found)


@LAW
@given(graphs)
def test_without_a_base_everything_is_created_and_without_a_head_all_goes(graph: Graph) -> None:
    custom = {resource.urn for resource in graph if resource.custom}
    nothing = Graph(environment="dev", resources=())
    for changes, action in ((diff(None, graph, {}), Action.CREATE), (diff(graph, nothing, {}), Action.DELETE)):
        assert {change.urn for change in changes} == custom
        assert {change.action for change in changes} <= {action}
