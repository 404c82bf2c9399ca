"""The Graph keeps its laws and gives the same bytes for the same content."""

from __future__ import annotations

from typing import Any

import pytest

from bedplate.graph.graph import READERS, Graph, GraphError
from bedplate.graph.resource import Resource
from bedplate.graph.values import SECRET, UNKNOWN, canonical, format_path, get, walk

STACK = Resource(urn="urn:stack", type="pulumi:pulumi:Stack", name="dev", custom=False)


def bucket(name: str, **fields: object) -> Resource:
    return Resource(urn=f"urn:{name}", type="aws:s3/bucket:Bucket", name=name, parent="urn:stack", **fields)  # type: ignore[arg-type]


def graph(*resources: Resource) -> Graph:
    return Graph(environment="dev", resources=[STACK, *resources])


def test_order_of_registration_does_not_change_the_bytes() -> None:
    assert graph(bucket("a"), bucket("b")).bytes == graph(bucket("b"), bucket("a")).bytes


def test_a_graph_survives_a_trip_through_json() -> None:
    before = graph(
        bucket("a", inputs={"arn": UNKNOWN, "token": SECRET, "n": 3}, options={"protect": True}),
        bucket(
            "b", dependencies=("urn:a",), property_dependencies={"x": ("urn:a",)}, layer="cluster", entry="stores[b]"
        ),
    )
    assert Graph.from_json(before.to_json()).bytes == before.bytes


def test_a_urn_that_is_registered_twice_is_refused_by_name() -> None:
    with pytest.raises(GraphError, match=r"^urn:a is registered twice: give one of the two another name$"):
        graph(bucket("a"), bucket("a"))


def test_a_dependency_that_nobody_registers_is_refused_by_name() -> None:
    with pytest.raises(GraphError, match=r"^urn:a needs urn:gone, which is not registered$"):
        graph(bucket("a", dependencies=("urn:gone",)))


def test_resources_that_need_each_other_are_refused() -> None:
    with pytest.raises(GraphError, match="need each other"):
        graph(bucket("a", dependencies=("urn:b",)), bucket("b", dependencies=("urn:a",)))


def test_creation_order_puts_what_is_needed_first() -> None:
    made = graph(bucket("a", dependencies=("urn:z",)), bucket("z"))
    names = [resource.name for resource in made.creation_order]
    assert names.index("z") < names.index("a")


@pytest.mark.parametrize("data", [{"schema": "bedplate.graph/v9", "resources": []}, {"resources": []}])
def test_a_graph_of_an_unknown_format_is_refused_with_what_to_do(data: dict[str, Any]) -> None:
    with pytest.raises(GraphError) as refused:
        Graph.from_json(data)
    assert str(refused.value) == (
        f"this Graph has the format {data.get('schema')!r}, and this version of bedplate reads bedplate.graph/v1: read "
        "it with the version that wrote it, or write it again with this one (bedplate graph ENV --json)"
    )


def test_every_format_that_was_ever_written_has_a_reader_that_gives_the_same_graph() -> None:
    before = graph(bucket("a"), bucket("b", dependencies=("urn:a",)))
    assert set(READERS) == {"bedplate.graph/v1"}
    for name in READERS:
        assert Graph.from_json({**before.to_json(), "schema": name}).bytes == before.bytes


def test_walk_yields_every_leaf_with_its_path_and_takes_marks_as_leaves() -> None:
    value = {"spec": {"items": [{"name": "a"}, UNKNOWN], "empty": []}}
    leaves = {format_path(path): leaf for path, leaf in walk(value)}
    assert leaves == {"spec.items[0].name": "a", "spec.items[1]": UNKNOWN, "spec.empty": []}


def test_get_stops_at_an_unknown_value_and_returns_it() -> None:
    assert get({"a": UNKNOWN}, "a", "b", "c", default=1) == UNKNOWN


def test_canonical_json_sorts_keys_and_keeps_text_readable() -> None:
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()


def test_resources_of_several_types_come_in_the_order_of_their_urns() -> None:
    key = Resource(urn="urn:b", type="aws:kms/key:Key", name="b", parent="urn:stack")
    found = graph(bucket("c"), key, bucket("a")).of_type("aws:s3/bucket:Bucket", "aws:kms/key:Key")
    assert [resource.name for resource in found] == ["a", "b", "c"]
