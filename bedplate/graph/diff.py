"""What changes between two Graphs: per object, with its properties, and whether it will be replaced.

The base is what was applied or merged last; without a base everything is created. Derived objects are compared like
any other, so a reviewer sees the pods that a change will restart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import as_object
from bedplate.graph.properties import PropertyChange, property_changes
from bedplate.graph.replacement import Replacement, ReplacementRule
from bedplate.graph.resource import Resource
from bedplate.graph.spread import FATES, Fate, Rules, Why, goes_first, links, own_fate, settle
from bedplate.graph.values import Json
from bedplate.units.writer import PULUMI

WRITER_PATH = "(option) appliedBy"
"""Where a change says that an object changes hands."""


class Action(StrEnum):
    """What will happen to an object."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an object changes although nobody edited it: what happens to `resource` reaches it.

    `fate` is what happens to `resource`; `paths` are the inputs through which it reaches the object.
    """

    why: Why
    resource: Resource
    fate: Fate
    paths: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "why": str(self.why),
            "urn": self.resource.urn,
            "object": object_label(self.resource),
            "happens": _HAPPENS[self.fate],
            "paths": list(self.paths),
        }


_HAPPENS = {
    Fate.KEPT: "nothing",
    Fate.UPDATED: "updated",
    Fate.UNSURE: "may be replaced",
    Fate.REPLACED: "replaced",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One object that differs between base and head. `resource` is the head's side, or the base's where deleted."""

    action: Action
    resource: Resource
    properties: tuple[PropertyChange, ...] = ()
    replacement: Replacement = Replacement.NO
    stateful: bool = False
    causes: tuple[Cause, ...] = ()

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
            "writer": self.resource.writer or PULUMI,
            "entry": self.resource.entry,
            "derived": self.resource.derived_from is not None,
            "replacement": str(self.replacement),
            "stateful": self.stateful,
            "properties": [item.to_json() for item in self.properties],
            "causes": [cause.to_json() for cause in self.causes],
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
    """Changes from `base` to `head`, sorted by layer, team, label. Components are left out: their children tell all.

    What follows from a change for other objects is a change as well, with its causes.
    """
    old = {resource.urn: resource for resource in base or () if resource.custom}
    new = {resource.urn: resource for resource in head if resource.custom}
    changes = [_one_sided(Action.CREATE, new[urn], rules) for urn in new.keys() - old.keys()]
    changes += [_one_sided(Action.DELETE, old[urn], rules) for urn in old.keys() - new.keys()]
    changes += _on_both_sides(old, new, rules)
    return tuple(sorted(changes, key=lambda c: (c.resource.layer, c.resource.team, c.label, c.urn)))


def _one_sided(action: Action, resource: Resource, rules: Rules) -> Change:
    return Change(action, resource, stateful=_is_stateful(resource, rules))


def _on_both_sides(old: Mapping[str, Resource], new: Mapping[str, Resource], rules: Rules) -> Iterator[Change]:
    both = sorted(old.keys() & new.keys())
    properties = {urn: found for urn in both if (found := _properties(old[urn], new[urn]))}
    if not properties and not any(old[urn].property_dependencies != new[urn].property_dependencies for urn in both):
        return
    own = {urn: own_fate(urn, found, old, new, rules) for urn, found in properties.items()}
    named = {urn for urn in both if goes_first(old[urn], new[urn], rules.get(new[urn].type))}
    ties = tuple(links(old, new, rules))
    state = settle(own, named, ties)
    causes: dict[str, list[Cause]] = {}
    for tie in ties:
        if state.given(tie) is not Fate.KEPT:
            source = new.get(tie.source) or old[tie.source]
            cause = Cause(tie.why, source, state.fates.get(tie.source, Fate.KEPT), tie.paths)
            causes.setdefault(tie.target, []).append(cause)
    for urn, fate in state.fates.items():
        if fate is not Fate.KEPT:
            yield _changed(new[urn], fate, properties.get(urn, ()), tuple(causes.get(urn, ())), rules)


def _changed(
    resource: Resource, fate: Fate, properties: tuple[PropertyChange, ...], causes: tuple[Cause, ...], rules: Rules
) -> Change:
    return Change(
        Action.REPLACE if fate is Fate.REPLACED else Action.UPDATE,
        resource,
        properties,
        next(each for each in Replacement if FATES[each] is fate),
        _is_stateful(resource, rules),
        causes,
    )


def _is_stateful(resource: Resource, rules: Rules) -> bool:
    rule = rules.get(resource.type)
    return rule is not None and rule.stateful


def _properties(old: Resource, new: Resource) -> tuple[PropertyChange, ...]:
    return property_changes(old.inputs, new.inputs) + _option_changes(old, new)


def _option_changes(old: Resource, new: Resource) -> tuple[PropertyChange, ...]:
    """Options of the engine (protect, ignoreChanges …), the provider and the writer decide what apply may do."""
    before, after = dict(old.options), dict(new.options)
    if old.writer == new.writer:
        before["provider"], after["provider"] = old.provider, new.provider
    else:
        before["appliedBy"], after["appliedBy"] = old.writer or PULUMI, new.writer or PULUMI
    return tuple(
        PropertyChange(f"(option) {change.path}", change.before, change.after)
        for change in property_changes(before, after)
    )
