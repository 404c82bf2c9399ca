"""EKS's updates of node groups, phase by phase: which nodes there should be next, and which are emptied meanwhile.

Source: EKS user guide, "Understand each phase of node updates" (read 2026-11-28). What it leaves open is taken as the
worse: as many new nodes first as it allows, all old nodes closed to new pods as soon as the first new ones are Ready.
After a failed update EKS keeps the group at its old version; nodes of the new one that are no longer needed go, others
stay beside the old ones.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.draining import Pods, close, empty, open_again
from tests.support.controlplane.manifests import Manifest, has_condition
from tests.support.controlplane.node_groups import NodeGroup
from tests.support.controlplane.nodes import Place, is_current, node_manifest
from tests.support.fakeaws.files import read_json, write_json
from tests.support.fakeaws.node_updates import FAILED, FOLLOWED, IN_PROGRESS, SUCCESSFUL, UPDATES

Wanted = dict[str, Manifest | None]
"""Nodes that there should be, by name; None for one that stays as it is."""


@dataclass(frozen=True, slots=True)
class Pace:
    """EKS's times in seconds; a minute of it is a second here.

    `drain`: for pods to leave a node (15 minutes); `settle`: between an empty node and its end (60 seconds, doubled,
    because pods start no faster here than there); `join`: for a new node to be Ready.
    """

    drain: float = 15.0
    settle: float = 2.0
    join: float = 60.0


PACE = Pace()


class UpdateFailedError(Exception):
    """An update that EKS gives up, with its error code and what it is about."""

    def __init__(self, code: str, message: str, about: Sequence[str]) -> None:
        super().__init__(message)
        self.error = {"errorCode": code, "errorMessage": message, "resourceIds": list(about)}


@dataclass(slots=True)
class Update:
    """An update under way. Times are of the monotonic clock."""

    file: Path
    force: bool
    waiting_since: float
    scaled_up: bool = False
    emptying: dict[str, float] = field(default_factory=dict)
    empty: dict[str, float] = field(default_factory=dict)

    def away(self) -> int:
        """Nodes that are on their way out."""
        return len(self.emptying.keys() | self.empty.keys())


class Updates:
    """The updates of all node groups whose files are in `folder`; see `tests.support.fakeaws.node_updates`."""

    def __init__(self, client: KubeClient, folder: Path, place: Place, pace: Pace) -> None:
        self._client = client
        self._folder = folder.parent / UPDATES
        self._place = place
        self._pace = pace
        self._running: dict[str, Update] = {}
        # Groups as they were when an update failed: nothing happens to them until they are changed.
        self._failed: dict[str, NodeGroup] = {}

    def follow(self) -> None:
        """Say that updates are carried out here."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / FOLLOWED).touch()

    def leave(self) -> None:
        """Say that nobody does any longer."""
        (self._folder / FOLLOWED).unlink(missing_ok=True)

    def begin(self) -> None:
        """Take up updates that were asked for since the last call."""
        known = {update.file for update in self._running.values()}
        for file in sorted(self._folder.glob("*.json")):
            asked = cast(dict[str, Any], read_json(file))
            if asked["status"] == IN_PROGRESS and file not in known:
                self._running[asked["group"]] = Update(file, asked["force"], time.monotonic())

    def refuse(self, stem: str, reason: str) -> None:
        """End the update of a group that cannot be played."""
        if stem in self._running:
            self._end(stem, UpdateFailedError("NodeCreationFailure", reason, [stem]))

    def wanted(self, group: NodeGroup, present: Mapping[str, Manifest], pods: Pods, *, joins: bool) -> Wanted:
        """The nodes of `group` that should be there now. `joins`: whether new ones reach the cluster at all."""
        stem = f"{group.cluster}.{group.name}"
        update = self._running.get(stem)
        if self._failed.get(stem) == group:
            return dict.fromkeys(present)
        self._failed.pop(stem, None)
        if update is None:
            return self._steady(group, present, joins=joins)
        try:
            wanted = self._rolling(group, update, present, pods, joins=joins)
        except UpdateFailedError as error:
            self._failed[stem] = group
            self._end(stem, error)
            return dict.fromkeys(present)
        if wanted is None:
            self._end(stem, None)
            return self._steady(group, present, joins=joins)
        return wanted

    def _steady(self, group: NodeGroup, present: Mapping[str, Manifest], *, joins: bool) -> Wanted:
        """As many nodes as the group asks for. Of too many, those that are not of its version go first."""
        for node in present.values():
            open_again(self._client, node)
        old = [name for name, node in present.items() if not is_current(node, group)]
        new = [name for name in present if name not in old]
        kept = old[: max(0, group.desired - len(new))]
        return dict.fromkeys(kept) | self._new(group, present, group.desired - len(kept), joins=joins)

    def _rolling(
        self, group: NodeGroup, update: Update, present: Mapping[str, Manifest], pods: Pods, *, joins: bool
    ) -> Wanted | None:
        """The next nodes of an update; None when it is through."""
        old = {name: node for name, node in present.items() if not is_current(node, group)}
        update.empty = {name: since for name, since in update.empty.items() if name in present}
        update.emptying = {name: since for name, since in update.emptying.items() if name in present}
        total = group.desired + (group.surge if old and group.new_first else 0)
        new = self._new(group, present, max(total, len(present)) - len(old), joins=joins)
        surplus = {} if old else {name: present[name] for name in [*new][group.desired :] if name in present}
        missing = [name for name in new if name not in present or not has_condition(present[name], "Ready")]
        if len(new) + len(old) < total:
            missing.append(f"{group.name}: new nodes")
        self._check_joined(group, update, missing)
        if not old and not surplus:
            return None if not missing else new
        self._choose(group, update, old, surplus, missing)
        ended = set(self._emptied(group, update, present, pods))
        return {name: node for name, node in (dict.fromkeys(old) | new).items() if name not in ended}

    def _new(self, group: NodeGroup, present: Mapping[str, Manifest], count: int, *, joins: bool) -> Wanted:
        """`count` nodes of the group's version: those that are there, and others where they can join."""
        made = (node_manifest(group, self._place, index) for index in range(count + len(present)))
        every = {node["metadata"]["name"]: node for node in made}
        there = [name for name in every if name in present]
        others = [name for name in every if name not in present] if joins else []
        return {name: every[name] for name in [*there, *others][: max(0, count)]}

    def _check_joined(self, group: NodeGroup, update: Update, missing: Sequence[str]) -> None:
        now = time.monotonic()
        if not missing:
            update.waiting_since = now
            update.scaled_up = True
        elif now - update.waiting_since > self._pace.join:
            message = "Couldn't proceed with upgrade process as new nodes are not joining node group " + group.name
            raise UpdateFailedError("NodeCreationFailure", message, missing)

    def _choose(
        self,
        group: NodeGroup,
        update: Update,
        old: Mapping[str, Manifest],
        surplus: Mapping[str, Manifest],
        missing: Sequence[str],
    ) -> None:
        """Begin to empty the next old nodes, or the next of those that are too many at the end."""
        if group.new_first and not update.scaled_up:
            return
        room = 1 if surplus else group.unavailable - (0 if group.new_first else len(missing))
        if group.new_first:
            for node in old.values():
                close(self._client, node)
        chosen = [name for name in (surplus or old) if name not in update.emptying and name not in update.empty]
        for name in chosen[: max(0, room - update.away())]:
            close(self._client, (surplus or old)[name])
            update.emptying[name] = time.monotonic()

    def _emptied(self, group: NodeGroup, update: Update, present: Mapping[str, Manifest], pods: Pods) -> Iterator[str]:
        """Evict pods; nodes that have been empty long enough."""
        now = time.monotonic()
        for name, since in tuple(update.emptying.items()):
            late = now - since > self._pace.drain
            if empty(self._client, name, pods, by_force=late and update.force):
                del update.emptying[name]
                update.empty[name] = now
            elif late and not update.force:
                message = f"Reached max retries while trying to evict pods from nodes in node group {group.name}"
                raise UpdateFailedError("PodEvictionFailure", message, [name])
        yield from (name for name, since in update.empty.items() if now - since > self._pace.settle)

    def _end(self, stem: str, error: UpdateFailedError | None) -> None:
        update = self._running.pop(stem)
        answer = cast(dict[str, Any], read_json(update.file))
        outcome = {"status": FAILED, "errors": [error.error]} if error else {"status": SUCCESSFUL, "errors": []}
        write_json(update.file, {**answer, **outcome})
