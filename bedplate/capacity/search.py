"""The search for a placement of pods on nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bedplate.capacity.resources import Amount, dimensions, total

# Placements tried before the search gives up: for 200 pods on 100 nodes a fraction of a second.
SEARCH_LIMIT = 5_000
# Pods for which every alternative is searched; with more only the first good placement counts.
SEARCH_DEPTH = 400

_Placement: TypeAlias = tuple[tuple[str, str], ...]


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


def search(pods: Sequence[PodDemand], nodes: Sequence[Node]) -> tuple[_Placement | None, bool]:
    """A placement of all pods, or None; and whether the answer is proved."""
    rooms = {node.name: node.room for node in nodes}
    every = dimensions(*(pod.request for pod in pods))
    order = sorted(pods, key=lambda pod: (len(pod.nodes), *(-pod.request.of(each) for each in every), pod.name))
    attempt = _Search(order, rooms)
    found: bool | None = attempt.greedy()
    if not found:
        if _overfull(pods, rooms):
            return None, True
        found = attempt.exhaustive(0) if len(order) <= SEARCH_DEPTH else None
    return (tuple(sorted(attempt.placed.items())) if found else None), found is not None


def _overfull(pods: Sequence[PodDemand], rooms: Mapping[str, Amount]) -> bool:
    """Whether pods that are confined to some nodes ask together for more than these nodes have."""
    confined: dict[frozenset[str], list[PodDemand]] = {}
    for pod in pods:
        confined.setdefault(pod.nodes, []).append(pod)
    asked = {names: total(pod.request for pod in group) for names, group in confined.items()}
    return any(
        not total(amount for other, amount in asked.items() if other <= names).fits_into(
            total(rooms[name] for name in names)
        )
        for names in asked
    )


class _Search:
    """Hardest pods first, each onto the fullest node that takes it; then with every alternative."""

    def __init__(self, order: Sequence[PodDemand], rooms: Mapping[str, Amount]) -> None:
        self._order = order
        self._empty = rooms
        self._room = dict(rooms)
        self._users = _users(order)
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
        """Nodes that take `pod` now, the fullest first.

        Nodes with equal room that the same pods may use are interchangeable: only one of them is tried.
        """
        fitting = [name for name in pod.nodes if pod.request.fits_into(self._room[name])]
        fullest = sorted(fitting, key=lambda name: (*_fullness(self._room[name]), name))
        alike: dict[tuple[Amount, frozenset[int]], str] = {}
        for name in fullest:
            alike.setdefault((self._room[name], self._users[name]), name)
        return list(alike.values())


def _fullness(room: Amount) -> tuple[int, int, int]:
    """The lower, the fuller: devices count before memory and CPU."""
    return room.gpu + sum(count for _, count in room.devices), room.memory, room.cpu


def _users(pods: Sequence[PodDemand]) -> dict[str, frozenset[int]]:
    """For each node the sets of nodes, by number, that it belongs to: nodes with equal numbers serve the same pods."""
    sets = dict.fromkeys(pod.nodes for pod in pods)
    found: dict[str, set[int]] = {}
    for number, names in enumerate(sets):
        for name in names:
            found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}
