"""Do these pods fit on these nodes? In any order, only if packed well, or not at all.

The scheduler places one pod after the other and never moves them. So "there is a placement" is not enough: a proof has
to hold for every order and every choice between nodes. Both outer verdicts are proofs; the middle one is the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import gcd
from typing import TypeAlias

from bedplate.capacity.resources import Amount, dimensions
from bedplate.capacity.search import SEARCH_LIMIT, Node, PodDemand, search

__all__ = ["Fit", "Node", "Packing", "PodDemand", "pack"]

_Shape: TypeAlias = tuple[Amount, frozenset[str]]


class Fit(StrEnum):
    """Verdict about a set of pods. `STARTED`: there is a placement on nodes that a controller has yet to start."""

    ANY_ORDER = "fits in any order"
    PACKED = "fits only if packed"
    STARTED = "fits once nodes are started"
    CANNOT = "cannot fit"
    UNKNOWN = "not decided"


@dataclass(frozen=True, slots=True)
class Packing:
    """The verdict; `blocked` names a pod that shows why it is not better; `placement` maps pods to nodes if known."""

    fit: Fit
    blocked: str = ""
    reason: str = ""
    placement: tuple[tuple[str, str], ...] = ()


def pack(pods: Sequence[PodDemand], nodes: Sequence[Node]) -> Packing:
    """Judge `pods` on `nodes`. Pure and deterministic; sound in both outer verdicts."""
    by_name = {node.name: node for node in nodes}
    for pod in pods:
        if not any(pod.request.fits_into(by_name[name].room) for name in pod.nodes):
            return Packing(Fit.CANNOT, pod.name, _why_nowhere(pod, [by_name[name] for name in sorted(pod.nodes)]))
    unsafe = _unsafe(pods, by_name)
    placement, exhausted = search(pods, nodes)
    if placement is None:
        fit = Fit.CANNOT if exhausted else Fit.UNKNOWN
        reason = "no placement of all pods exists" if exhausted else f"no placement found in {SEARCH_LIMIT:,} tries"
        return Packing(fit, unsafe, reason)
    if unsafe:
        reason = "pods that come first can take its room on every node"
        return Packing(Fit.PACKED, unsafe, reason, placement)
    return Packing(Fit.ANY_ORDER, placement=placement)


def _unsafe(pods: Sequence[PodDemand], nodes: Mapping[str, Node]) -> str:
    """Name of the first pod that others may shut out; empty if there is none.

    Pods of one shape share an answer, and shapes that may use the same nodes share the list of their rivals.
    """
    shapes: Counter[_Shape] = Counter((pod.request, pod.nodes) for pod in pods)
    rivals: dict[frozenset[str], Counter[Amount]] = {}
    safe: dict[_Shape, bool] = {}
    for pod in pods:
        shape = (pod.request, pod.nodes)
        if shape not in safe:
            usable = frozenset(name for name in pod.nodes if pod.request.fits_into(nodes[name].room))
            if usable not in rivals:
                rivals[usable] = _requests(shapes, usable)
            rooms = Counter(nodes[name].room for name in usable)
            safe[shape] = _always_finds_room(pod.request, rivals[usable] - Counter([pod.request]), rooms)
        if not safe[shape]:
            return pod.name
    return ""


def _requests(shapes: Mapping[_Shape, int], usable: frozenset[str]) -> Counter[Amount]:
    """Requests of all pods that may use one of the nodes `usable`, and how many pods make each."""
    found: Counter[Amount] = Counter()
    for (request, names), count in shapes.items():
        if not names.isdisjoint(usable):
            found[request] += count
    return found


def _always_finds_room(own: Amount, others: Mapping[Amount, int], rooms: Mapping[Amount, int]) -> bool:
    """Whether no order of `others` can close every node to a pod that asks for `own`. `rooms` counts usable nodes.

    To close a node, the others must use more than (room − request) of some resource there, and what they use is a
    multiple of their requests' greatest common divisor, at most the largest request times the pods that a node holds.
    Resource by resource, count the nodes that the others' whole demand could close, the easiest first; if all counts
    together stay below the number of nodes, one node remains open. All bounds err upwards, so True is a proof.
    """
    if not others:
        return True
    every = dimensions(own, *others)
    smallest = {dimension: min(other.of(dimension) for other in others) for dimension in every}
    most = {room: _most_pods(smallest, sum(others.values()), room) for room in rooms}
    closed = 0
    for dimension in every:
        amounts = [other.of(dimension) for other in others]
        demand = sum(amount * count for amount, count in zip(amounts, others.values(), strict=True))
        wanted = own.of(dimension)
        if wanted == 0 or demand == 0:
            continue
        step, largest = gcd(*amounts), max(amounts)
        needed = [(_round_up(room.of(dimension) - wanted + 1, step), room) for room in rooms]
        for amount, room in sorted(needed, key=lambda item: item[0]):
            if amount <= largest * most[room]:
                count = min(rooms[room], demand // amount)
                demand -= amount * count
                closed += count
    return closed < sum(rooms.values())


def _most_pods(smallest: Mapping[str, int], count: int, room: Amount) -> int:
    """An upper bound of how many of `count` pods an empty node holds: what even the `smallest` would use up."""
    bounds = [room.of(dimension) // least for dimension, least in smallest.items() if least > 0]
    return min(bounds, default=count)


def _round_up(amount: int, step: int) -> int:
    return -(-amount // step) * step


def _why_nowhere(pod: PodDemand, candidates: Sequence[Node]) -> str:
    if not candidates:
        return "no node matches its selectors and tolerations"
    every = dimensions(pod.request)
    best = max(candidates, key=lambda node: tuple(node.room.of(name) for name in reversed(every)))
    short = [
        f"{name} {pod.request.of(name)} > {best.room.of(name)}"
        for name in every
        if pod.request.of(name) > best.room.of(name)
    ]
    return f"too large for every node that it may use (on {best.name}: {', '.join(short)})"
