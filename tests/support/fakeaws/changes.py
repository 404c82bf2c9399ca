"""The difference between two sets of inputs, and whether an object survives it."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path as FilePath

import yaml

from tests.support.fakeaws.paths import Path, names
from tests.support.fakeaws.schema import ResourceSchema
from tests.support.fakeaws.validation import INTERNAL_PREFIX
from tests.support.fakeaws.wire import Properties, Value, plain

TABLE = FilePath(__file__).with_name("replacement.yaml")
ALWAYS_REPLACING = "region"


class Action(Enum):
    """What happened to a property."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Change:
    """A changed leaf. `replaces` tells that the object must be made anew."""

    path: Path
    action: Action
    replaces: bool


@dataclass(frozen=True)
class ReplacementRule:
    """Property paths whose change, or whose removal, replaces an object."""

    changed: frozenset[tuple[str, ...]]
    removed: frozenset[tuple[str, ...]]

    def applies(self, path: Path, action: Action, below: set[tuple[str, ...]]) -> bool:
        """Whether a change at `path` replaces the object. `below` holds the names that came or went under it."""
        plain_path = names(path)
        upwards = {plain_path[:length] for length in range(1, len(plain_path) + 1)}
        downwards = {plain_path + step for step in below}
        return bool((upwards | downwards) & self.changed) or (action is Action.DELETE and plain_path in self.removed)


def changes(schema: ResourceSchema, old: Properties, new: Properties) -> list[Change]:
    """Return the leaves in which the inputs `old` and `new` differ, in order of their names.

    Secrets are compared by value. A value that is not yet known differs from every value.
    """
    rule = replacement_rule(schema)
    return [
        Change(path, action, rule.applies(path, action, below))
        for path, action, below in _differences((), _comparable(old), _comparable(new))
    ]


def updates(old: Properties, new: Properties) -> list[Change]:
    """Return the leaves in which settings of the provider differ. None of them replaces anything."""
    return [Change(path, action, False) for path, action, _ in _differences((), _comparable(old), _comparable(new))]


def replacement_rule(schema: ResourceSchema) -> ReplacementRule:
    """Return the rule of a resource type; types that the table does not list are replaced when their name changes."""
    by_name = [schema.name_property, f"{schema.name_property}Prefix"] if schema.name_property else []
    row = _table().get(schema.token, {"changed": by_name})
    return ReplacementRule(
        changed=frozenset(tuple(path.split(".")) for path in [ALWAYS_REPLACING, *row.get("changed", [])]),
        removed=frozenset(tuple(path.split(".")) for path in row.get("removed", [])),
    )


@functools.cache
def _table() -> dict[str, dict[str, list[str]]]:
    return dict(yaml.safe_load(TABLE.read_text(encoding="utf-8")))


def listed_types() -> list[str]:
    """Return the resource types that have a rule of their own, sorted."""
    return sorted(_table())


def _comparable(inputs: Properties) -> Value:
    return plain({key: value for key, value in inputs.items() if not key.startswith(INTERNAL_PREFIX)})


def _differences(path: Path, old: Value, new: Value) -> Iterator[tuple[Path, Action, set[tuple[str, ...]]]]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences((*path, key), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        for index in range(max(len(old), len(new))):
            yield from _differences((*path, index), _item(old, index), _item(new, index))
    else:
        action = Action.ADD if old is None else Action.DELETE if new is None else Action.UPDATE
        yield path, action, set(_names_below(old)) | set(_names_below(new))


def _names_below(value: Value) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield (key,)
            yield from ((key, *step) for step in _names_below(item))
    elif isinstance(value, list):
        for item in value:
            yield from _names_below(item)


def _item(items: list[Value], index: int) -> Value:
    return items[index] if index < len(items) else None
