"""What changes between two Graphs: per object, with its properties, and whether it will be replaced.

The base is what was applied or merged last; without a base everything is created. Derived objects are compared like
any other, so a reviewer sees the pods that a change will restart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import as_object
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, canonical, get, is_opaque, is_secret, thaw

# Stands for a value that is not there; null is a value.
_ABSENT: Json = object()


class Action(StrEnum):
    """What will happen to an object."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


class Replacement(StrEnum):
    """Whether an update gives the object a new identity. Unknown where no rule for its type is listed."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReplacementRule:
    """Facts about one resource type.

    A change at or below one of `paths` replaces the object, and so does the removal of one of `removed`. `stateful`
    objects hold what cannot be made again.
    """

    paths: tuple[str, ...]
    removed: tuple[str, ...] = ()
    stateful: bool = False

    def replaces(self, change: PropertyChange) -> bool:
        """Whether `change` gives the object a new identity."""
        path = _without_positions(change.path)
        if change.after is None and any(_within(removed, path) for removed in self.removed):
            return True
        # A whole map that appears or goes takes the listed paths inside it along.
        whole = change.before is None or change.after is None
        present = change.after if change.before is None else change.before
        return any(
            _within(path, listed) or (whole and _within(listed, path) and _holds(present, listed, path))
            for listed in self.paths
        )


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One value that differs. `before` or `after` is None where the value is absent on that side.

    Both are None where a value is absent on one side and written as null on the other.
    """

    path: str
    before: Json
    after: Json

    def to_json(self) -> dict[str, Json]:
        return {"path": self.path, "before": thaw(self.before), "after": thaw(self.after)}


@dataclass(frozen=True, slots=True)
class Change:
    """One object that differs between base and head. `resource` is the head's side, or the base's where deleted."""

    action: Action
    resource: Resource
    properties: tuple[PropertyChange, ...] = ()
    replacement: Replacement = Replacement.NO
    stateful: bool = False

    @property
    def urn(self) -> str:
        return self.resource.urn

    @property
    def label(self) -> str:
        """How people call the object: ``InferenceService research/chat``, ``eks.NodeGroup l4``."""
        return object_label(self.resource)

    def to_json(self) -> dict[str, Json]:
        return {
            "action": str(self.action),
            "urn": self.urn,
            "object": self.label,
            "layer": self.resource.layer,
            "team": self.resource.team,
            "entry": self.resource.entry,
            "derived": self.resource.derived_from is not None,
            "replacement": str(self.replacement),
            "stateful": self.stateful,
            "properties": [item.to_json() for item in self.properties],
        }


def object_label(resource: Resource) -> str:
    """A short name for people; URNs stay for machines."""
    if resource.is_kubernetes:
        return str(as_object(resource).id)
    kind = resource.type.rpartition(":")[2]
    module = resource.type.split(":")[1].split("/")[0] if resource.type.count(":") == 2 else ""
    if resource.type.startswith("pulumi:providers:"):
        return f"provider {resource.name}"
    return f"{module}.{kind} {resource.name}" if module and resource.custom else f"{kind} {resource.name}"


def diff(base: Graph | None, head: Graph, rules: Mapping[str, ReplacementRule]) -> tuple[Change, ...]:
    """Changes from `base` to `head`, sorted by layer, team, label. Components are left out: their children tell all."""
    old = {resource.urn: resource for resource in base or () if resource.custom}
    new = {resource.urn: resource for resource in head if resource.custom}
    changes = [
        change for urn in old.keys() | new.keys() if (change := _compare(old.get(urn), new.get(urn), rules)) is not None
    ]
    return tuple(sorted(changes, key=lambda c: (c.resource.layer, c.resource.team, c.label, c.urn)))


def property_changes(before: Json, after: Json) -> tuple[PropertyChange, ...]:
    """Leaf by leaf what differs, sorted by path. Lists of named objects are compared by name, not by position."""
    return tuple(sorted(_walk("", before, after), key=lambda item: item.path))


def _compare(old: Resource | None, new: Resource | None, rules: Mapping[str, ReplacementRule]) -> Change | None:
    present = new or old
    assert present is not None
    rule = rules.get(present.type)
    stateful = rule is not None and rule.stateful
    if old is None:
        return Change(Action.CREATE, present, stateful=stateful)
    if new is None:
        return Change(Action.DELETE, present, stateful=stateful)
    properties = property_changes(old.inputs, new.inputs) + _option_changes(old, new)
    if not properties:
        return None
    replacement = _replacement(properties, rule)
    action = Action.REPLACE if replacement is Replacement.YES else Action.UPDATE
    return Change(action, present, properties, replacement, stateful)


def _option_changes(old: Resource, new: Resource) -> tuple[PropertyChange, ...]:
    """Options of the engine (protect, ignoreChanges …) and the provider decide what apply may do: they count."""
    before = {**old.options, "provider": old.provider}
    after = {**new.options, "provider": new.provider}
    return tuple(
        PropertyChange(f"(option) {change.path}", change.before, change.after)
        for change in property_changes(before, after)
    )


def _replacement(properties: Sequence[PropertyChange], rule: ReplacementRule | None) -> Replacement:
    if rule is None:
        return Replacement.UNKNOWN
    return Replacement.YES if any(rule.replaces(change) for change in properties) else Replacement.NO


def _without_positions(path: str) -> str:
    """``vpcConfig.subnetIds[2].id`` as ``vpcConfig.subnetIds.id``."""
    return "".join(part.partition("]")[2] if index else part for index, part in enumerate(path.split("[")))


def _within(path: str, outer: str) -> bool:
    """Whether `path` is `outer` or lies below it."""
    return path == outer or path.startswith(f"{outer}.")


def _holds(value: Json, listed: str, path: str) -> bool:
    """Whether `value`, which stands at `path`, has something at `listed`, a path below."""
    keys = [key for key in listed.removeprefix(path).split(".") if key]
    return get(value, *keys) is not None


def _walk(path: str, before: Json, after: Json) -> Iterator[PropertyChange]:
    if before is _ABSENT or after is _ABSENT:
        yield PropertyChange(path, None if before is _ABSENT else before, None if after is _ABSENT else after)
    elif is_opaque(before) or is_opaque(after):
        if before != after or is_secret(before) != is_secret(after):
            yield PropertyChange(path, before, after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            yield from _walk(f"{path}.{key}" if path else key, before.get(key, _ABSENT), after.get(key, _ABSENT))
    elif _is_list(before) and _is_list(after):
        yield from _walk_lists(path, before, after)
    elif before != after or type(before) is not type(after):
        yield PropertyChange(path, before, after)


def _walk_lists(path: str, before: Sequence[Json], after: Sequence[Json]) -> Iterator[PropertyChange]:
    old, new = _by_key(before), _by_key(after)
    if old is not None and new is not None:
        for key in sorted(old.keys() | new.keys()):
            yield from _walk(f"{path}[{key}]", old.get(key, _ABSENT), new.get(key, _ABSENT))
        if list(old) != list(new) and old.keys() == new.keys():
            yield PropertyChange(f"{path}(order)", list(old), list(new))
    elif any(isinstance(item, Mapping) for item in (*before, *after)):
        for index in range(max(len(before), len(after))):
            old_item = before[index] if index < len(before) else _ABSENT
            yield from _walk(f"{path}[{index}]", old_item, after[index] if index < len(after) else _ABSENT)
    elif canonical(before) != canonical(after):  # Python takes 1, 1.0 and True for equal
        yield PropertyChange(path, before, after)


def _by_key(items: Sequence[Json]) -> dict[str, Json] | None:
    """Items by their own name or key; None where an item has none or two share it."""
    keyed: dict[str, Json] = {}
    for item in items:
        name = item.get("name") or item.get("key") if isinstance(item, Mapping) else None
        if not isinstance(name, str) or name in keyed:
            return None
        keyed[name] = item
    return keyed


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
