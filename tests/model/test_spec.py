"""The bases of models: what they refuse, that they cannot change, and that they explain themselves."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from bedplate.model.spec import FrozenMap, MachineSpec, Refusal, Spec, check_described


class Size(Spec):
    """How many."""

    min_count: int = Field(default=0, description="Fewest nodes.")


class Pool(Spec):
    """Nodes of one kind."""

    name: str = Field(description="Name.", examples=["l4"])
    size: Size = Field(default=Size(), description="How many nodes.")
    labels: FrozenMap[str, str] = Field(default={}, description="Labels.")
    zones: tuple[str, ...] = Field(default=(), description="Zones.")


def test_a_spec_is_written_in_camel_case_and_read_in_snake_case() -> None:
    assert Size.model_validate({"minCount": 3}).min_count == 3
    assert Size(min_count=3).model_dump() == {"minCount": 3}


def test_a_spec_refuses_unknown_keys_and_a_machine_spec_ignores_them() -> None:
    class Entry(MachineSpec):
        count: int

    with pytest.raises(ValidationError, match="extra_forbidden"):
        Size.model_validate({"maxCount": 3})
    assert Entry.model_validate({"count": 1, "newer": 2}) == Entry(count=1)


def test_nothing_in_a_spec_can_be_changed() -> None:
    pool = Pool.model_validate({"name": "l4", "labels": {"a": "b"}})
    with pytest.raises(ValidationError, match="frozen"):
        pool.name = "h100"  # type: ignore[misc]
    with pytest.raises(TypeError, match="does not support item assignment"):
        pool.labels["a"] = "c"  # type: ignore[index]


def test_a_frozen_map_is_apart_from_what_it_was_made_of_and_from_its_default() -> None:
    given = {"a": "b"}
    pool = Pool(name="l4", labels=given)
    given["a"] = "c"
    assert pool.labels == {"a": "b"}
    assert Pool(name="l4").labels == {}
    with pytest.raises(TypeError, match="does not support item assignment"):
        Pool(name="l4").labels["a"] = "b"  # type: ignore[index]


def test_a_frozen_map_is_an_object_in_json_and_reads_back_as_itself() -> None:
    pool = Pool(name="l4", labels={"b": "1", "a": "2"}, zones=("x",))
    assert pool.model_dump_json() == '{"name":"l4","size":{"minCount":0},"labels":{"b":"1","a":"2"},"zones":["x"]}'
    assert Pool.model_validate_json(pool.model_dump_json()) == pool
    assert pool.model_dump()["labels"] == {"b": "1", "a": "2"}


def test_a_default_is_held_to_the_same_rules_as_a_value() -> None:
    class Loose(Spec):
        count: Annotated[int, Field(ge=1)] = 0

    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        Loose()


def test_a_refusal_carries_where_what_and_how() -> None:
    refusal = Refusal("is above max", path=("size", "min"), allowed=("1",), hint="lower it")
    assert (str(refusal), refusal.path, refusal.allowed, refusal.hint) == (
        "is above max",
        ("size", "min"),
        ("1",),
        "lower it",
    )


def test_a_described_spec_needs_nothing_more() -> None:
    assert check_described(Pool) == ()


def test_what_the_reference_page_could_not_explain_is_listed() -> None:
    class Kind(enum.Enum):
        A = "a"

    class Inner(Spec):
        deep: str = Field(examples=["x"])

    class Outer(Spec):
        bare: int
        said: int = Field(description="Said, without an example.")
        shown: int = Field(description="Shown.", examples=[1])
        word: Literal["a", "b"] = Field(description="Lists its values.")
        kind: Kind = Field(description="Lists its values.")
        switch: bool = Field(description="True or false.")
        inner: Inner = Field(description="Explained by its own fields.")
        many: tuple[Inner, ...] = Field(description="Explained by its own fields.")
        by_name: FrozenMap[str, Inner] = Field(description="Explained by its own fields.")
        maybe: Inner | None = Field(default=None, description="Has a default.")
        items: list[str] = Field(default=[], description="Can be changed.")
        table: FrozenMap[str, dict[str, int]] = Field(default={}, description="Can be changed inside.")

    findings = [line.rpartition(".<locals>.")[2] for line in check_described(Outer)]
    assert findings == [
        "Inner.deep has no description",
        "Outer.bare has no description",
        "Outer.bare has no example",
        "Outer.said has no example",
        "Outer.items can be changed in place: use a tuple or a FrozenMap",
        "Outer.table can be changed in place: use a tuple or a FrozenMap",
    ]


def test_a_spec_that_holds_itself_is_looked_at_once() -> None:
    class Tree(Spec):
        children: tuple[Tree, ...] = Field(default=(), description="Below it.")

    Tree.model_rebuild()
    assert check_described(Tree) == ()


def test_a_mapping_of_any_kind_is_accepted_for_a_frozen_map() -> None:
    labels: Mapping[str, str] = Pool(name="a", labels={"x": "y"}).labels
    assert Pool(name="b", labels=labels).labels == {"x": "y"}
