"""Pools that are held at their versions while the control plane goes on, and released one by one. All edits."""

from __future__ import annotations

from dataclasses import dataclass

from bedplate.environment.facts import Ec2Facts, PoolImage, pool_image
from bedplate.environment.facts import nodes_of as pool_size
from bedplate.model.edits import Edit
from bedplate.model.tree import Json, Node, Path, Sequence, item_name, plain
from bedplate.upgrade.standing import Standing

LIST = "nodePools"
KUBERNETES: Path = ("kubernetes",)
RELEASE: Path = ("ami", "release")


@dataclass(frozen=True, slots=True)
class Nodes:
    """A pool of EC2 instances and what its nodes run now and at the end of the upgrade."""

    facts: Ec2Facts
    now: PoolImage
    goal: PoolImage

    @property
    def name(self) -> str:
        return self.facts.pool.name

    @property
    def moves(self) -> bool:
        """Whether its nodes will be others."""
        return self.now != self.goal

    @property
    def desired(self) -> int:
        """Nodes that are there whatever pods wait."""
        return pool_size(self.facts.pool)[1]


def nodes_of(facts: Ec2Facts, standing: Standing) -> Nodes:
    """What a pool runs. A release that the environment chose by itself stays while Kubernetes does."""
    pool, goal = facts.pool, standing.goal
    now = pool_image(facts, standing.present, standing.catalog)
    release = goal.ami_release if pool.ami.family == "al2023" else now.release
    own_choice = pool.ami.release is not None and pool.ami.release != standing.written.ami_release
    if own_choice and now.kubernetes == goal.kubernetes:
        release = now.release
    return Nodes(facts, now, PoolImage(now.ami_type, release, goal.kubernetes))


class PoolEntries:
    """The pools' entries in the environment's own file, from edit to edit. Fragments stay as they are."""

    def __init__(self, standing: Standing) -> None:
        self._file = standing.file
        own = _by_name(standing.resolved.own.items.get(LIST))
        self._own: dict[str, Json] = {name: plain(node) for name, node in own.items()}
        self._lower: dict[str, Json] = {}
        for name, node in _by_name(standing.resolved.tree.items.get(LIST)).items():
            below = node.overrides[0] if name in own and node.overrides else None if name in own else node
            if below is not None:
                self._lower[name] = plain(below)

    def hold(self, nodes: Nodes, *, kubernetes: bool) -> tuple[Edit, ...]:
        """Write down what the pool has now, so that another baseline does not move it yet.

        `kubernetes`: whether that version is about to change, beside the release.
        """
        pool, wanted = nodes.facts.pool, dict[Path, Json]()
        if kubernetes and pool.kubernetes is None:
            wanted[KUBERNETES] = nodes.now.kubernetes
        if nodes.now.release != nodes.goal.release and pool.ami.release is None:
            wanted[RELEASE] = nodes.now.release
        return self._changed(nodes.name, wanted)

    def release(self, nodes: Nodes) -> tuple[Edit, ...]:
        """Let the pool go to its goal: what held it goes. Where a fragment holds it, the goal stands in its place."""
        goals = {KUBERNETES: nodes.goal.kubernetes}
        if nodes.now.release != nodes.goal.release and nodes.goal.release is not None:
            goals[RELEASE] = nodes.goal.release
        wanted: dict[Path, Json] = {}
        for path, goal in goals.items():
            lower = _get(self._lower.get(nodes.name), path)
            wanted[path] = None if lower in (None, goal) else goal
        return self._changed(nodes.name, wanted)

    def empty(self, nodes: Nodes) -> tuple[Edit, ...]:
        """Ask for no nodes at all."""
        return self._changed(nodes.name, {("size", "min"): 0, ("size", "desired"): 0})

    def _changed(self, name: str, wanted: dict[Path, Json]) -> tuple[Edit, ...]:
        """Edits after which the own entry of pool `name` has the `wanted` values; None is no value of its own."""
        before = self._own.get(name)
        changes = [(path, _get(before, path), value) for path, value in wanted.items() if _get(before, path) != value]
        if not changes:
            return ()
        after: Json = before or {"name": name}
        for path, _, value in changes:
            after = _put(after, path, value)
        if after == {"name": name} and name in self._lower:
            del self._own[name]
            return (Edit(self._file, (LIST, name), before, None),)
        self._own[name] = after
        if before is None:
            return (Edit(self._file, (LIST, name), None, after),)
        return tuple(Edit(self._file, (LIST, name, *path), old, new) for path, old, new in changes)


def _by_name(node: Node | None) -> dict[str, Node]:
    items = node.items if isinstance(node, Sequence) else ()
    return {name: item for item in items if (name := item_name(item)) is not None}


def _get(value: Json, path: Path) -> Json:
    for step in path:
        value = value.get(str(step)) if isinstance(value, dict) else None
    return value


def _put(value: Json, path: Path, new: Json) -> Json:
    """`value` with `new` at `path`; None takes it away, with mappings that held nothing else."""
    inside = dict(value) if isinstance(value, dict) else {}
    step = str(path[0])
    inner = new if len(path) == 1 else _put(inside.get(step), path[1:], new)
    if inner is None or inner == {}:
        inside.pop(step, None)
    else:
        inside[step] = inner
    return inside
