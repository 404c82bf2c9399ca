"""Where pydantic's locations lead: keys and indices in the document, branches of unions beside it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, Field, ValidationError

from bedplate.model.follow import alternatives, follow, models
from bedplate.model.spec import FrozenMap, Spec
from bedplate.model.tree import Path


class Leaf(Spec):
    kind: Literal["leaf", "twig"]
    count: int = 0


class Branch(Spec):
    kind: Literal["branch"]
    leaves: tuple[Leaf, ...] = ()


Part = Annotated[Leaf | Branch, Field(discriminator="kind")]
Checked = Annotated[Leaf, AfterValidator(lambda leaf: leaf)]


class Tree(Spec):
    part: Part | None = None
    parts: FrozenMap[str, Part] = Field(default={})
    either: Checked | tuple[int, ...] = (1,)
    nested: Part | int = 0
    pair: tuple[int, Leaf] | None = None
    anything: Any = None
    labels: FrozenMap[str, int] | int = 0


@pytest.mark.parametrize(
    ("document", "path", "owner"),
    [
        ({"part": {"kind": "twig", "count": "x"}}, ("part", "count"), Leaf),
        ({"part": {"kind": "branch", "leaves": [{}]}}, ("part", "leaves", 0, "kind"), Leaf),
        ({"parts": {"leaf": {"kind": "leaf", "leaf": 1}}}, ("parts", "leaf", "leaf"), Leaf),
        ({"pair": [1, {"kind": "leaf", "count": "x"}]}, ("pair", 1, "count"), Leaf),
    ],
)
def test_the_tag_of_a_union_is_no_step_of_the_path(document: dict[str, Any], path: Path, owner: type[Spec]) -> None:
    with pytest.raises(ValidationError) as refused:
        Tree.model_validate(document)
    (error,) = refused.value.errors()
    found = follow(Tree, error["loc"])
    assert (found.path, found.owner, found.fork) == (path, owner, None)


@pytest.mark.parametrize(
    ("document", "fork", "paths"),
    [
        ({"either": {"kind": "leaf", "count": "x"}}, ("either",), [("either", "count"), ("either",)]),
        ({"either": ["x"]}, ("either",), [("either",), ("either", 0)]),
        ({"nested": {"kind": "leaf", "count": "x"}}, ("nested",), [("nested", "count"), ("nested",)]),
        ({"labels": {"a": "x"}}, ("labels",), [("labels", "a"), ("labels",)]),
    ],
)
def test_the_branch_of_a_plain_union_is_kept_beside_the_path(
    document: dict[str, Any], fork: Path, paths: list[Path]
) -> None:
    with pytest.raises(ValidationError) as refused:
        Tree.model_validate(document)
    found = [follow(Tree, error["loc"]) for error in refused.value.errors()]
    assert [each.path for each in found] == paths
    assert {each.fork for each in found} == {fork}
    assert len({each.branch for each in found}) == 2


def test_steps_below_a_type_that_says_nothing_are_keys() -> None:
    assert follow(Tree, ("anything", "a", 0)).path == ("anything", "a", 0)
    assert follow(Tree, ("unknown", "a")).path == ("unknown", "a")
    assert follow(Tree, ("pair", 7)).annotation is Any


def test_an_error_in_a_key_is_told_apart_from_one_in_its_value() -> None:
    assert follow(Tree, ("parts", "a b", "[key]")).in_key
    assert not follow(Tree, ("parts", "a b")).in_key


def test_alternatives_leave_out_none_and_know_the_discriminator() -> None:
    assert alternatives(int | None) == ((int,), None)
    assert alternatives(int | str | None) == ((int, str), None)
    assert alternatives(Part | None) == ((Leaf, Branch), "kind")
    assert models(Part | int) == (Leaf, Branch)
