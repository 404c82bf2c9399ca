"""Stacks: one for the whole environment, or one for each layer; their names can be read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedplate.environment.stacks import LAYERS, parse_stack, stacks_of

TARGETS = st.from_regex(r"[a-z][a-z0-9-]{0,10}(\.[a-z][a-z0-9-]{0,10})?", fullmatch=True).filter(
    lambda name: name.rpartition(".")[2] not in LAYERS
)


def test_a_single_stack_holds_all_layers_and_is_called_like_its_target() -> None:
    (stack,) = stacks_of("dev", layered=False)
    assert (stack.name, stack.layers) == ("dev", LAYERS)


def test_a_layered_target_has_a_stack_for_each_layer_lowest_first() -> None:
    assert [stack.name for stack in stacks_of("prod", layered=True)] == [
        "prod.bootstrap",
        "prod.cluster",
        "prod.platform",
        "prod.models",
    ]


def test_layers_that_are_asked_for_come_in_the_order_in_which_they_stand_on_each_other() -> None:
    stacks = stacks_of("prod", layered=True, layers=("models", "cluster"))
    assert [stack.name for stack in stacks] == ["prod.cluster", "prod.models"]


@pytest.mark.parametrize(
    ("name", "target", "layer"),
    [
        ("dev", "dev", None),
        ("prod.cluster", "prod", "cluster"),
        ("airgap.hall-a", "airgap.hall-a", None),
        ("airgap.hall-a.models", "airgap.hall-a", "models"),
        ("cluster", "cluster", None),
    ],
)
def test_a_stack_name_says_target_and_layer(name: str, target: str, layer: str | None) -> None:
    assert parse_stack(name) == (target, layer)


@given(TARGETS, st.booleans())
def test_every_name_of_a_stack_is_read_back(target: str, layered: bool) -> None:
    for stack in stacks_of(target, layered=layered):
        assert parse_stack(stack.name) == (target, stack.layers[0] if layered else None)
