"""Stacks of an environment: which there are, what they are called, and which layers each of them holds.

A stack is called ``<env>[.<site>][.<layer>]``. Names of layers are reserved: no site may be called like one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Layer: TypeAlias = Literal["bootstrap", "cluster", "platform", "models"]

LAYERS: tuple[Layer, ...] = get_args(Layer)
"""Every layer, lowest first: each may read of lower ones, never of higher ones."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One state of the engine. `target` is the environment, with its site where it has sites."""

    target: str
    layers: tuple[Layer, ...]
    layered: bool

    @property
    def name(self) -> str:
        """What Pulumi calls it."""
        return f"{self.target}.{self.layers[0]}" if self.layered else self.target


def stacks_of(target: str, *, layered: bool, layers: Collection[Layer] = LAYERS) -> tuple[Stack, ...]:
    """The stacks that hold `layers` of `target`, lowest first: one for each layer, or one for all of them."""
    held = tuple(layer for layer in LAYERS if layer in layers)
    if not layered:
        return (Stack(target, held, layered=False),)
    return tuple(Stack(target, (layer,), layered=True) for layer in held)


def parse_stack(name: str) -> tuple[str, Layer | None]:
    """The target and the layer that a stack's `name` holds: ``prod.cluster`` is prod's layer cluster."""
    target, _, last = name.rpartition(".")
    return (target, last) if target and last in LAYERS else (name, None)
