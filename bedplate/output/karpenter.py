"""What a change of Karpenter's objects does to nodes that are there. Pure.

Karpenter replaces nodes that are not as their pool says any more (drift): after a change of a NodePool's template, or
of an EC2NodeClass. Source: Karpenter 1.14, its hashes of both and its documentation of drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from bedplate.graph.diff import Action, Change
from bedplate.graph.properties import PropertyChange
from bedplate.output.wording import listed, value_text
from bedplate.units.quantity import parse_quantity

_NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
_NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
# What nodes are made of, by type.
_MADE_OF = {_NODE_POOL: "spec.template.", _NODE_CLASS: "spec."}
_SIZES = ("spec.limits.", "spec.replicas")
_NAMED = 3


def of_karpenter(change: Change) -> Iterator[str]:
    """Sentences for the danger list about `change`; none where it is about something else."""
    prefix = _MADE_OF.get(change.resource.type)
    if prefix is None:
        return
    if change.action is Action.DELETE and change.resource.type == _NODE_POOL:
        yield f"delete {change.label}: its nodes go too"
    if change.action is not Action.UPDATE:
        return
    moved = [item.path for item in change.properties if item.path.startswith(prefix)]
    if moved:
        yield (
            f"nodes of {change.label} that are there are replaced, as disruption budgets allow: "
            f"{listed(moved, most=_NAMED)}"
        )
    for item in change.properties:
        if change.resource.type == _NODE_POOL and item.path.startswith(_SIZES) and _falls(item):
            yield f"less capacity: {change.label} {item.path} {value_text(item.before)} → {value_text(item.after)}"


def _falls(item: PropertyChange) -> bool:
    """Whether less is allowed. A limit that comes allows less, one that goes more."""
    if item.after is None or item.before is None:
        return item.before is None
    return _amount(item.after) < _amount(item.before)


def _amount(value: object) -> Decimal:
    return parse_quantity(str(value))
