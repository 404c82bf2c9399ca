"""Layers laid over each other: what wins, what stays, what is refused, and where each value came from."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedplate.model.merge import merge
from bedplate.model.source import InputError, Position
from bedplate.model.tree import Json, Mapping, Node, Scalar, Sequence, at, plain
from tests.model.trees import tree


def merged(*layers: str) -> Json:
    return plain(merge([tree(text, f"{index}.yaml") for index, text in enumerate(layers)]))


def refusals(*layers: str) -> list[str]:
    with pytest.raises(InputError) as refused:
        merged(*layers)
    return [problem.render() for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("layers", "result"),
    [
        (("a: 1", "b: 2"), {"a": 1, "b": 2}),
        (("a: 1", "a: 2"), {"a": 2}),
        (("a: 1", "a: one"), {"a": "one"}),
        (("a: {x: 1, y: 2}", "a: {y: 3, z: 4}"), {"a": {"x": 1, "y": 3, "z": 4}}),
        (("a: {b: {c: 1}}", "a: {b: {d: 2}}", "a: {b: {c: 3}}"), {"a": {"b": {"c": 3, "d": 2}}}),
        (("a: {x: 1}", "a: {}"), {"a": {"x": 1}}),
        (("a: [1, 2, 3]", "a: [4]"), {"a": [4]}),
        (("a: [1, 2]", "a: []"), {"a": []}),
        (("a: []", "a: [{name: x}]"), {"a": [{"name": "x"}]}),
        (("a: [{group: x}]", "a: [{group: y}]"), {"a": [{"group": "y"}]}),
        (("a: 1", "a: null"), {}),
        (("a: 1", "a: ~", "a: 2"), {"a": 2}),
        (("a: {x: 1, y: 2}", "a: {x: null}"), {"a": {"y": 2}}),
        (("a: {x: 1}", "a: null"), {}),
        (("a: null",), {}),
        (("a: {x: null, y: {z: null}}",), {"a": {"y": {}}}),
        (("a: 1", "b: {c: null}"), {"a": 1, "b": {}}),
        (("a: [1]", "a: [{c: null}]"), {"a": [{}]}),
        (("b: [null, 1]",), {"b": [None, 1]}),
    ],
)
def test_mappings_merge_deeply_and_everything_else_is_replaced(layers: tuple[str, ...], result: Json) -> None:
    assert merged(*layers) == result


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ("[{name: a, x: 1}, {name: b}]", "[{name: b, x: 2}]", [{"name": "a", "x": 1}, {"name": "b", "x": 2}]),
        ("[{name: a}]", "[{name: c}, {name: b}]", [{"name": "a"}, {"name": "c"}, {"name": "b"}]),
        (
            "[{name: a}, {name: b}]",
            "[{name: b}, {name: z}, {name: a, k: 1}]",
            [{"name": "a", "k": 1}, {"name": "b"}, {"name": "z"}],
        ),
        ("[{name: a, x: 1}, {name: b}]", "[{name: a, x: null}]", [{"name": "a"}, {"name": "b"}]),
        ("[{name: a}, {name: b}]", "[{name: a, remove: true}]", [{"name": "b"}]),
        ("[{name: a}]", "[{name: a, remove: true}]", []),
        ("[{name: a, remove: false}]", "[{name: b}]", [{"name": "a", "remove": False}, {"name": "b"}]),
        (
            "[{name: a, in: [{name: x, v: 1}]}]",
            "[{name: a, in: [{name: x, v: 2}, {name: y}]}]",
            [{"name": "a", "in": [{"name": "x", "v": 2}, {"name": "y"}]}],
        ),
        ("[{name: a, tags: [1, 2]}]", "[{name: a, tags: [3]}]", [{"name": "a", "tags": [3]}]),
    ],
)
def test_lists_of_named_objects_merge_by_name_in_the_order_of_the_base(base: str, over: str, result: Json) -> None:
    assert merged(f"pools: {base}", f"pools: {over}") == {"pools": result}


@pytest.mark.parametrize(
    ("base", "over", "message"),
    [
        ("a: [1]", "a: {x: 1}", "1.yaml:1:4: a: a mapping cannot be laid over a list (0.yaml:1:4)"),
        ("a: {x: 1}", "a: 1", "1.yaml:1:4: a: a single value cannot be laid over a mapping (0.yaml:1:4)"),
        ("a: 1", "a: [1]", "1.yaml:1:4: a: a list cannot be laid over a single value (0.yaml:1:4)"),
        ("p: {a: 1}", "p: {a: {}}", "1.yaml:1:8: p.a: a mapping cannot be laid over a single value (0.yaml:1:8)"),
        (
            "a: [{name: x}]",
            "a: []",
            "1.yaml:1:4: a: an empty list cannot be laid over a list of named objects (0.yaml:1:4)\n"
            "  hint: write null to delete the list",
        ),
        (
            "a: [{name: x}]",
            "a: [{name: x}, {size: 1}]",
            "1.yaml:1:4: a: a list of values without a name cannot be laid over a list of named objects (0.yaml:1:4)\n"
            "  hint: give every item a name",
        ),
        (
            "a: [{name: x}, {name: y}]",
            "a: [{name: z, remove: true}]",
            "1.yaml:1:5: a[0]: 'remove: true' finds no item named 'z' to drop\n  hint: names in the list: x, y",
        ),
        ("b: 1", "a: [{name: z, remove: true}]", "1.yaml:1:5: a[0]: 'remove: true' finds no item named 'z' to drop"),
        (
            "a: [{name: x}]",
            "a: [{name: x, remove: true, size: 1}]",
            "1.yaml:1:5: a[0]: 'remove: true' drops 'x', so no other key may stand beside it",
        ),
        (
            "a: 1",
            "b: [{name: x}, {name: y}, {name: x}]",
            "1.yaml:1:27: b[2]: the name 'x' is already in this list, at 1.yaml:1:5",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_both_places(base: str, over: str, message: str) -> None:
    assert refusals(base, over) == [message]


def test_a_single_layer_is_checked_like_any_other() -> None:
    assert refusals(
        "a: [{name: x}, {name: x}]",
    ) == ["0.yaml:1:16: a[1]: the name 'x' is already in this list, at 0.yaml:1:5"]


def test_every_mistake_of_every_layer_is_said_at_once() -> None:
    found = refusals("a: 1\nb: [{name: x}]\nc: {}", "a: {}\nb: [{name: y, remove: true}]", "c: 3")
    assert [line.split(": ")[1] for line in found] == ["a", "b[0]", "c"]


def test_a_value_knows_what_it_replaced_nearest_first() -> None:
    result = merge([tree("a: {b: 1}", "base.yaml"), tree("a: {b: 2}", "gpu.yaml"), tree("a: {b: 3}", "dev.yaml")])
    value = at(result, ("a", "b"))
    assert isinstance(value, Scalar)
    assert (value.value, value.position) == (3, Position("dev.yaml", 1, 8))
    assert [(str(old.position), plain(old)) for old in value.overrides] == [("gpu.yaml:1:8", 2), ("base.yaml:1:8", 1)]


def test_a_merged_mapping_and_list_know_what_they_were_laid_over() -> None:
    result = merge([tree("a: {b: 1}\np: [{name: x}]\ns: [1]", "base.yaml"), tree("a: {}\np: [{name: y}]\ns: [2]")])
    for key in ("a", "p", "s"):
        node = at(result, (key,))
        assert node is not None
        assert node.position.file == "dev.yaml"
        assert [old.position.file for old in node.overrides] == ["base.yaml"]


def test_a_value_that_no_layer_touched_keeps_its_place_and_its_key() -> None:
    result = merge([tree("a: 1\nb: 2", "base.yaml"), tree("b: 3")])
    assert result.key_positions == {"a": Position("base.yaml", 1, 1), "b": Position("dev.yaml", 1, 1)}
    assert set(result.key_positions) == set(result.items)


def test_a_deleted_key_leaves_no_position_behind() -> None:
    assert merge([tree("a: 1\nb: 2"), tree("a: null")]).key_positions.keys() == {"b"}


NAMES = st.sampled_from(["a", "b", "c"])
HERE = Position("p.yaml", 1, 1)
SCALARS = st.one_of(st.integers(0, 3), st.sampled_from(["x", "y"])).map(lambda value: Scalar(value, str(value), HERE))


def mapping(items: dict[str, Node]) -> Mapping:
    return Mapping(items, dict.fromkeys(items, HERE), HERE)


def named(items: dict[str, Mapping]) -> Sequence:
    """A list of objects, each under its name."""
    return Sequence(
        tuple(mapping({"name": Scalar(name, name, HERE), **item.items}) for name, item in items.items()), HERE
    )


# Layers of one shape: the same key always holds the same kind of value, as the same schema demands of all layers.
def layers_of(fields: dict[str, st.SearchStrategy[Node]]) -> st.SearchStrategy[Mapping]:
    return st.fixed_dictionaries({}, optional=fields).map(mapping)


LISTS = st.lists(SCALARS).map(lambda items: Sequence(tuple(items), HERE))
INNER = layers_of({"s": SCALARS, "l": LISTS})
ITEMS = st.dictionaries(NAMES, INNER, min_size=1, max_size=3).map(named)
LAYERS = layers_of({"s": SCALARS, "m": INNER, "p": ITEMS})


@given(st.lists(LAYERS, min_size=2, max_size=4), st.integers(1, 3))
def test_layers_may_be_merged_in_groups(layers: list[Mapping], cut: int) -> None:
    head, tail = layers[:cut], layers[cut:]
    whole = plain(merge(layers))
    assert plain(merge([merge(head), *tail])) == whole
    if tail:
        assert plain(merge([*head, merge(tail)])) == whole


@given(LAYERS)
def test_an_empty_layer_and_a_repeated_layer_change_nothing(layer: Mapping) -> None:
    assert plain(merge([layer])) == plain(layer)
    assert plain(merge([layer, mapping({})])) == plain(layer)
    assert plain(merge([mapping({}), layer])) == plain(layer)
    assert plain(merge([layer, layer])) == plain(layer)


@given(st.lists(LAYERS, min_size=1, max_size=3))
def test_merging_leaves_the_layers_as_they_were(layers: list[Mapping]) -> None:
    before = copy.deepcopy(layers)
    merge(layers)
    assert layers == before


@given(st.lists(LAYERS, min_size=1, max_size=3))
def test_every_single_value_of_the_last_layer_is_in_the_result(layers: list[Mapping]) -> None:
    result = plain(merge(layers))
    assert isinstance(result, dict)
    for key, node in layers[-1].items.items():
        if isinstance(node, Scalar):
            assert result[key] == node.value
