"""The tree and the paths through it."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedplate.model.source import Position
from bedplate.model.tree import Mapping, Path, Scalar, at, format_path, item_name, parse_path, plain
from tests.model.trees import tree

DOCUMENT = tree(
    """
    name: dev
    nodePools:
      - name: l4
        size: {min: 1, max: 2}
      - name: "0"
        labels: {nvidia.com/gpu: "true"}
      - unnamed
    """
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("name", ("name",)),
        ("nodePools[l4].size.min", ("nodePools", "l4", "size", "min")),
        ("nodePools.l4.size.min", ("nodePools", "l4", "size", "min")),
        ("nodePools[0].size", ("nodePools", 0, "size")),
        ('nodePools["0"].labels["nvidia.com/gpu"]', ("nodePools", "0", "labels", "nvidia.com/gpu")),
        ("a[0][1]", ("a", 0, 1)),
        ("[2]", (2,)),
        ('["a\\"b"]', ('a"b',)),
    ],
)
def test_a_path_is_read_as_keys_names_and_indices(text: str, path: Path) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize("text", ["a..b", "a.", ".a", "a[", "a[]", "a[b", "a]b", "a b", 'a["b', "a[0]b", "[-1].a b"])
def test_a_path_that_cannot_be_read_is_refused_with_the_column(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no path \(column \d+\): write it like nodePools\[l4\]\.size\.min"):
        parse_path(text)


def test_a_quoted_step_that_is_no_json_string_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a JSON string"):
        parse_path(r'a["\q"]')


@given(st.lists(st.one_of(st.text(min_size=1), st.integers(min_value=0, max_value=10**6))).map(tuple))
def test_a_written_path_reads_as_the_same_path(path: Path) -> None:
    assert parse_path(format_path(path)) == path


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("name",), "dev"),
        (("nodePools", "l4", "size", "min"), 1),
        (("nodePools", 0, "size", "max"), 2),
        (("nodePools", "0", "labels", "nvidia.com/gpu"), "true"),
        (("nodePools", 2), "unnamed"),
    ],
)
def test_a_path_leads_to_its_value_by_key_name_and_index(path: Path, value: object) -> None:
    node = at(DOCUMENT, path)
    assert node is not None
    assert plain(node) == value


@pytest.mark.parametrize(
    "path",
    [
        ("nothing",),
        ("name", "below"),
        ("nodePools", 3),
        ("nodePools", -1),
        ("nodePools", "h100"),
        (0,),
        ("a", "b", "c"),
    ],
)
def test_a_path_to_nothing_gives_none(path: Path) -> None:
    assert at(DOCUMENT, path) is None


def test_the_empty_path_is_the_document() -> None:
    assert at(DOCUMENT, ()) is DOCUMENT


def test_plain_gives_json_types_only() -> None:
    assert plain(DOCUMENT) == {
        "name": "dev",
        "nodePools": [
            {"name": "l4", "size": {"min": 1, "max": 2}},
            {"name": "0", "labels": {"nvidia.com/gpu": "true"}},
            "unnamed",
        ],
    }


def test_only_a_mapping_with_a_text_name_has_a_name() -> None:
    assert item_name(tree("name: l4")) == "l4"
    assert item_name(tree("name: 4")) is None
    assert item_name(tree("name: [l4]")) is None
    assert item_name(tree("label: l4")) is None
    assert item_name(Scalar("l4", "l4", Position("f", 1, 1))) is None


def test_nodes_cannot_be_changed() -> None:
    node: Mapping = tree("a: 1")
    with pytest.raises(dataclasses.FrozenInstanceError):
        node.position = Position("f", 1, 1)  # type: ignore[misc]
