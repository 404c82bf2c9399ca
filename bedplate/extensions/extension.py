"""What a component of a platform repository's own says about itself, beside its spec and its class.

It stands as ``EXTENSION`` in ``extensions/components/<name>/spec.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from bedplate.model.source import did_you_mean
from bedplate.model.spec import Refusal

ExtensionLayer: TypeAlias = Literal["cluster", "platform", "models"]
"""Layers that take components of a repository's own. What bootstrap makes is what everything else is trusted by."""

Place: TypeAlias = Literal["account", "cluster"]

LAYERS: tuple[ExtensionLayer, ...] = get_args(ExtensionLayer)

_BASIC = ("account", "after", "cluster", "environment", "image", "pools", "region", "stores", "tier")

HANDLES: dict[ExtensionLayer, tuple[str, ...]] = {
    "cluster": tuple(sorted((*_BASIC, "network"))),
    "platform": tuple(sorted((*_BASIC, "serving", "teams"))),
    "models": tuple(sorted((*_BASIC, "serving", "teams"))),
}
"""What a component may ask for, by the names of its keyword parameters; `stacks.own_components` gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Where a component belongs: the layer whose stack holds its objects, and where they are made.

    `makes_in` is ``account`` for AWS objects, ``cluster`` for Kubernetes objects, or both: it decides which providers
    the component gets. An environment without an account refuses a component that makes objects in one.
    Raises Refusal for anything else.
    """

    layer: ExtensionLayer
    makes_in: tuple[Place, ...]

    def __post_init__(self) -> None:
        if self.layer not in LAYERS:
            hint = did_you_mean(str(self.layer), LAYERS)
            raise Refusal(f"no component can be added to a layer {self.layer!r}", allowed=LAYERS, hint=hint)
        places = get_args(Place)
        if not self.makes_in or isinstance(self.makes_in, str) or not set(self.makes_in) <= set(places):
            hint = 'write a tuple, as in makes_in=("cluster",)'
            raise Refusal(f"no objects are made in {self.makes_in!r}", allowed=places, hint=hint)
