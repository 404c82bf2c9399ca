"""Do these pods fit on these nodes? In any order, only if packed well, or not at all.

The scheduler places one pod after the other and never moves them. So "there is a placement" is not enough: a proof has
to hold for every order and every choice between nodes. Both outer verdicts are proofs; the middle one is the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import gcd

from bedplate.capacity.resources import DIMENSIONS, Amount

# Placements tried before the search gives up; a plan of a few hundred pods stays far below it.
SEARCH_LIMIT = 200_000
# Pods for which every alternative is searched; with more only the first good placement counts.
SEARCH_DEPTH = 400


class Fit(StrEnum):
    """Verdict about a set of pods."""

    ANY_ORDER = "fits in any order"
    PACKED = "fits only if packed"
    CANNOT = "cannot fit"
    UNKNOWN = "not decided"


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its name and what is left on it once its DaemonSets run."""

    name: str
    room: Amount


@dataclass(frozen=True, slots=True)
class PodDemand:
    """One pod: its name, what it asks for, and the names of the nodes that its selectors and tolerations allow."""

    name: str
    request: Amount
    nodes: frozenset[str]


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
    safe: dict[tuple[Amount, frozenset[str]], bool] = {}
    unsafe: list[PodDemand] = []
    for pod in pods:
        shape = (pod.request, pod.nodes)
        if shape not in safe:
            safe[shape] = _always_finds_room(pod, pods, by_name)
        if not safe[shape]:
            unsafe.append(pod)
    placement, exhausted = _search(pods, nodes)
    if placement is None:
        fit = Fit.CANNOT if exhausted else Fit.UNKNOWN
        reason = "no placement of all pods exists" if exhausted else f"no placement found in {SEARCH_LIMIT} tries"
        return Packing(fit, unsafe[0].name if unsafe else "", reason)
    if unsafe:
        reason = "pods that come first can take its room on every node"
        return Packing(Fit.PACKED, unsafe[0].name, reason, placement)
    return Packing(Fit.ANY_ORDER, placement=placement)


def _always_finds_room(pod: PodDemand, pods: Sequence[PodDemand], nodes: dict[str, Node]) -> bool:
    """Whether no order of the others can close every node to `pod`.

    To close a node, the others must use more than (room − request) of some resource there, and what they use is a
    multiple of their requests' greatest common divisor, at most the largest request times the pods that a node holds.
    Resource by resource, count the nodes that the others' whole demand could close, the easiest first; if all counts
    together stay below the number of nodes, one node remains open. All bounds err upwards, so True is a proof.
    """
    usable = [nodes[name] for name in sorted(pod.nodes) if pod.request.fits_into(nodes[name].room)]
    names = {node.name for node in usable}
    others = [other.request for other in pods if other is not pod and other.nodes & names]
    closed = 0
    for dimension in DIMENSIONS:
        demand = sum(getattr(other, dimension) for other in others)
        own = getattr(pod.request, dimension)
        if own == 0 or demand == 0:
            continue
        step = gcd(*(getattr(other, dimension) for other in others))
        largest = max(getattr(other, dimension) for other in others)
        needed = [(_round_up(getattr(node.room, dimension) - own + 1, step), node) for node in usable]
        reachable = [amount for amount, node in needed if amount <= largest * _most_pods(others, node.room)]
        for amount in sorted(reachable):
            if amount > demand:
                break
            demand -= amount
            closed += 1
    return closed < len(usable)


def _most_pods(pods: Sequence[Amount], room: Amount) -> int:
    """An upper bound of how many of `pods` an empty node holds: what even the smallest would use up."""
    bounds = [
        getattr(room, dimension) // least
        for dimension in DIMENSIONS
        if (least := min(getattr(pod, dimension) for pod in pods)) > 0
    ]
    return min(bounds, default=len(pods))


def _round_up(amount: int, step: int) -> int:
    return -(-amount // step) * step


def _search(pods: Sequence[PodDemand], nodes: Sequence[Node]) -> tuple[tuple[tuple[str, str], ...] | None, bool]:
    """A placement of all pods, or None; and whether the answer is proved."""
    order = sorted(pods, key=lambda pod: (len(pod.nodes), *(-getattr(pod.request, d) for d in DIMENSIONS), pod.name))
    search = _Search(order, {node.name: node.room for node in nodes})
    found = search.greedy() or (search.exhaustive(0) if len(order) <= SEARCH_DEPTH else None)
    return (tuple(sorted(search.placed.items())) if found else None), found is not None


class _Search:
    """Hardest pods first, each onto the fullest node that takes it; then with every alternative."""

    def __init__(self, order: Sequence[PodDemand], room: dict[str, Amount]) -> None:
        self._order = order
        self._empty = room
        self._room = dict(room)
        self._tries = 0
        self.placed: dict[str, str] = {}

    def greedy(self) -> bool:
        """One pass without second thoughts: enough for almost every plan."""
        for pod in self._order:
            name = next(iter(self._candidates(pod)), None)
            if name is None:
                self._room, self.placed = dict(self._empty), {}
                return False
            self._room[name] -= pod.request
            self.placed[pod.name] = name
        return True

    def exhaustive(self, index: int) -> bool | None:
        """Whether the pods from `index` on can be placed; None when the tries are used up."""
        if index == len(self._order):
            return True
        pod = self._order[index]
        for name in self._candidates(pod):
            self._tries += 1
            if self._tries > SEARCH_LIMIT:
                return None
            before = self._room[name]
            self._room[name], self.placed[pod.name] = before - pod.request, name
            result = self.exhaustive(index + 1)
            if result is not False:
                return result
            self._room[name] = before
            del self.placed[pod.name]
        return False

    def _candidates(self, pod: PodDemand) -> list[str]:
        """Nodes that take `pod` now, the fullest first; of nodes with equal room only one, they are interchangeable."""
        fullest = sorted(pod.nodes, key=lambda n: (self._room[n].gpu, self._room[n].memory, self._room[n].cpu, n))
        by_room: dict[Amount, str] = {}
        for name in fullest:
            if pod.request.fits_into(self._room[name]):
                by_room.setdefault(self._room[name], name)
        return list(by_room.values())


def _why_nowhere(pod: PodDemand, candidates: Sequence[Node]) -> str:
    if not candidates:
        return "no node matches its selectors and tolerations"
    best = max(candidates, key=lambda node: tuple(getattr(node.room, name) for name in reversed(DIMENSIONS)))
    short = [
        f"{name} {getattr(pod.request, name)} > {getattr(best.room, name)}"
        for name in DIMENSIONS
        if getattr(pod.request, name) > getattr(best.room, name)
    ]
    return f"too large for every node that it may use (on {best.name}: {', '.join(short)})"
