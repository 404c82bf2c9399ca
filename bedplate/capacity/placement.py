"""From pods and node pools of a Graph to the question that `pack` answers, and what keeps its answer from counting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bedplate.capacity.claims import Claims
from bedplate.capacity.packing import Fit, Node, Packing, PodDemand, pack
from bedplate.capacity.resources import Amount, pod_request
from bedplate.capacity.unmodelled import host_ports, unmodelled
from bedplate.graph.derive.expand import PodGroup
from bedplate.graph.derive.node_group import NodeGroup
from bedplate.graph.derive.scheduling import doubts, is_refused
from bedplate.graph.values import Json


@dataclass(frozen=True, slots=True)
class Variant:
    """Nodes that a controller may start if all of them are of one type: what each offers, and the most of them."""

    instance_type: str
    offer: Amount
    count: int


@dataclass(frozen=True, slots=True)
class Pool:
    """A node pool: what an empty node offers at least and at most, where AWS may choose between instance types.

    A pool that a controller lets grow has `variants`, by what they offer, and `most_nodes` whatever their types are.
    """

    group: NodeGroup
    least: Amount
    most: Amount
    variants: tuple[Variant, ...] = ()
    most_nodes: int = 0

    @property
    def name(self) -> str:
        return self.group.pool


@dataclass(frozen=True, slots=True)
class Placement:
    """The verdict, the number of pods it is about (DaemonSets apart), and the number of nodes of each pool."""

    packing: Packing
    pods: int
    nodes: Mapping[str, int]


Defaults = Mapping[str, Mapping[str, Json]]
"""Requests that a namespace's LimitRange gives to containers without any, by namespace."""


def place(
    pods: Sequence[PodGroup], pools: Sequence[Pool], defaults: Defaults, claims: Claims | None = None
) -> Placement:
    """Judge the pods at most replicas on the pools at desired size. Of several instance types the least counts.

    That a pod cannot fit is said only where no instance type, no unknown number and nothing unmodelled could change it.
    """
    claims = claims or Claims()
    problem = _Problem(pods, {pool.name: pool.least for pool in pools}, pools, defaults, claims)
    packing = problem.verdict()
    if packing.fit is Fit.CANNOT and any(pool.least != pool.most for pool in pools):
        best = _Problem(pods, {pool.name: pool.most for pool in pools}, pools, defaults, claims).verdict()
        if best.fit is not Fit.CANNOT:
            reason = f"depends on the instance types that AWS starts; on the least of them: {packing.reason}"
            packing = Packing(Fit.UNKNOWN, packing.blocked, reason)
    return Placement(packing, problem.count, {pool.name: pool.group.count or 0 for pool in pools})


class _Problem:
    """Pods and pools, with one assumption about what an empty node of each pool offers."""

    def __init__(
        self,
        pods: Sequence[PodGroup],
        offers: Mapping[str, Amount],
        pools: Sequence[Pool],
        defaults: Defaults,
        claims: Claims,
    ) -> None:
        self._pods = [pod for pod in pods if not pod.node]
        self._daemons = [pod for pod in pods if pod.node]
        self._groups = [pool.group for pool in pools]
        self._offers = offers
        self._defaults = defaults
        self._claims = claims
        self._rooms = {name: offer - self._daemon_requests(name) for name, offer in offers.items()}

    @property
    def count(self) -> int:
        """Pods in the question: where a group has no upper bound, the fewest that it has."""
        return sum(_count(pod) for pod in self._pods)

    def verdict(self) -> Packing:
        """What is proved not to fit comes first, then what is not decided, then how well the rest fits."""
        if overflow := self._daemon_without_room():
            return overflow
        packing = pack([demand for pod in self._pods for demand in self._demands(pod)], self._nodes())
        if packing.fit is Fit.CANNOT:
            return packing
        for name, reason in self._undecided():
            return Packing(Fit.UNKNOWN, name, reason)
        return packing

    def _nodes(self) -> list[Node]:
        return [
            Node(name, self._rooms[group.pool])
            for group in sorted(self._groups, key=lambda group: group.pool)
            for name in _node_names(group)
        ]

    def _demands(self, pod: PodGroup) -> list[PodDemand]:
        """One demand per pod, on all nodes that may take it. None where a pool of unknown size may take them all."""
        request = self._request(pod)
        possible = [group for group in self._groups if not is_refused(pod.spec, group.shape)]
        if any(group.count is None and request.fits_into(self._rooms[group.pool]) for group in possible):
            return []
        allowed = frozenset(name for group in possible for name in _node_names(group))
        return [PodDemand(f"{_name(pod)}#{index + 1}", request, allowed) for index in range(_count(pod))]

    def _daemon_without_room(self) -> Packing | None:
        """The first DaemonSet, in the order of the Graph, that finds no room on an empty node beside those before."""
        left = dict(self._offers)
        for pod in self._daemons:
            count = next((group.count for group in self._groups if group.pool == pod.node), None)
            request, room = self._request(pod), left[pod.node]
            if count and not request.fits_into(room):
                reason = f"its DaemonSet finds no room on the nodes of pool {pod.node}, even empty ones"
                return Packing(Fit.CANNOT, _name(pod), reason)
            left[pod.node] = room - request
        return None

    def _undecided(self) -> Iterator[tuple[str, str]]:
        """Pods of which nobody can say that they fit, with the reason; without a pod where a pool is in question."""
        for pod in self._pods:
            if pod.maximum is None:
                yield _name(pod), "nothing bounds the number of its pods"
            if ports := host_ports(pod.spec):
                yield _name(pod), f"ports of the node ({', '.join(sorted(ports))}) are not part of the proof"
            for group in self._groups:
                yield from ((_name(pod), text) for text in doubts(pod.spec, group.shape))
        for pod in (*self._pods, *self._daemons):
            reasons = (*unmodelled(pod.spec), *self._claims.uncounted(pod.namespace, pod.spec))
            yield from ((_name(pod), text) for text in reasons)
        yield from self._clashes()
        for group in self._groups:
            if group.count is None:
                yield "", f"the size of pool {group.pool} is known only after apply"

    def _clashes(self) -> Iterator[tuple[str, str]]:
        """Pods of two DaemonSets that want one port of the same node."""
        taken: dict[tuple[str, str], str] = {}
        for pod in self._daemons:
            for port in sorted(host_ports(pod.spec)):
                other = taken.setdefault((pod.node, port), _name(pod))
                if other != _name(pod):
                    yield _name(pod), f"port {port} of the nodes of pool {pod.node} is taken by {other} as well"

    def _daemon_requests(self, pool: str) -> Amount:
        result = Amount()
        for pod in self._daemons:
            if pod.node == pool:
                result = result + self._request(pod)
        return result

    def _request(self, pod: PodGroup) -> Amount:
        counted = pod_request(pod.spec, self._defaults.get(pod.namespace))
        return counted + self._claims.of(pod.namespace, pod.spec)


def _count(pod: PodGroup) -> int:
    return pod.maximum if pod.maximum is not None else pod.minimum or 0


def _name(pod: PodGroup) -> str:
    return f"{pod.namespace}/{pod.name}"


def _node_names(group: NodeGroup) -> list[str]:
    return [f"{group.pool}-{index + 1}" for index in range(group.count or 0)]
