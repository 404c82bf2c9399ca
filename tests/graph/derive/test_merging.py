"""Strategic merge: what wins, what is kept, and in which order."""

from __future__ import annotations

import pytest

from bedplate.graph.derive.merging import CONTAINER_LISTS, merge, merge_containers
from bedplate.graph.values import Json


def names(items: str) -> list[Json]:
    """``"a b"`` as a list of named items."""
    return [{"name": name} for name in items.split()]


@pytest.mark.parametrize(
    ("base", "overlay", "merged"),
    [
        ("a b", "x", "x a b"),
        ("a b c", "b x", "a b x c"),
        ("a b c", "x b", "x a b c"),
        ("a b c", "c a", "b c a"),
        ("", "x y", "x y"),
        ("a b", "", "a b"),
    ],
)
def test_merged_items_take_the_order_of_the_overlay_and_others_stay_before_what_followed_them(
    base: str, overlay: str, merged: str
) -> None:
    assert merge({"env": names(base)}, {"env": names(overlay)}, CONTAINER_LISTS) == {"env": names(merged)}


def test_maps_merge_lists_are_replaced_and_other_values_win() -> None:
    base = {"resources": {"limits": {"cpu": "1"}}, "command": ["a", "b"], "image": "one"}
    overlay = {"resources": {"limits": {"memory": "1Gi"}}, "command": ["c"], "image": "two"}
    assert merge(base, overlay) == {
        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
        "command": ["c"],
        "image": "two",
    }


@pytest.mark.parametrize(
    ("overlay", "expected"),
    [
        ({"name": "A", "value": "v"}, {"name": "A", "value": "v"}),
        ({"name": "A", "valueFrom": {"x": 2}}, {"name": "A", "valueFrom": {"x": 2}}),
    ],
)
def test_a_variable_ends_with_what_the_overlay_says_value_or_source(overlay: Json, expected: Json) -> None:
    for base in ({"name": "A", "value": "old"}, {"name": "A", "valueFrom": {"x": 1}}):
        assert merge_containers({"env": [base]}, {"env": [overlay]})["env"] == [expected]


def test_merging_leaves_both_sides_as_they_were() -> None:
    base, overlay = {"env": [{"name": "A", "valueFrom": {"x": 1}}]}, {"env": [{"name": "A", "value": "v"}]}
    merge_containers(base, overlay)
    assert base == {"env": [{"name": "A", "valueFrom": {"x": 1}}]}
    assert overlay == {"env": [{"name": "A", "value": "v"}]}
