"""Checks of a resource's inputs against the SDK: what the real provider refuses before it calls AWS.

Names and forms are checked at every depth. Values (enumerations, ranges, ARNs) are not.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.fakeaws.paths import Path, render
from tests.support.fakeaws.schema import Kind, ObjectSchema, object_schema
from tests.support.fakeaws.wire import Secret, Unknown, Value

INTERNAL_PREFIX = "__"


@dataclass(frozen=True, order=True)
class Problem:
    """One refused input. The text names the property and never its value, which may be a secret."""

    path: str
    text: str


def problems(schema: ObjectSchema, inputs: dict[str, Value], owner: str) -> list[Problem]:
    """Return everything that is wrong with `inputs`, sorted by path. `owner` names the resource type in the texts."""
    return sorted(_object_problems(schema, inputs, (), owner))


def _object_problems(schema: ObjectSchema, fields: dict[str, Value], path: Path, owner: str) -> Iterator[Problem]:
    for name in sorted(schema.required):
        if fields.get(name) is None:
            yield Problem(render((*path, name)), f"Missing required property '{render((*path, name))}' of {owner}")
    for name, value in fields.items():
        if not path and name.startswith(INTERNAL_PREFIX):
            continue
        kind = schema.properties.get(name)
        if kind is None:
            yield _unknown_name(schema, (*path, name), owner)
        else:
            yield from _value_problems(kind, value, (*path, name), owner)


def _value_problems(kind: Kind, value: Value, path: Path, owner: str) -> Iterator[Problem]:
    if isinstance(value, Secret):
        yield from _value_problems(kind, value.value, path, owner)
    elif value is None or isinstance(value, Unknown) or kind.form == "any":
        return
    elif kind.form in ("object", "map"):
        yield from _mapping_problems(kind, value, path, owner)
    elif kind.form == "list":
        yield from _list_problems(kind, value, path, owner)
    elif isinstance(value, dict | list):
        yield _wrong_form("a single value", value, path, owner)


def _mapping_problems(kind: Kind, value: Value, path: Path, owner: str) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield _wrong_form("an object", value, path, owner)
    elif kind.fields is not None:
        yield from _object_problems(object_schema(kind.fields), value, path, owner)
    elif kind.element is not None:
        for key, item in value.items():
            yield from _value_problems(kind.element, item, (*path, key), owner)


def _list_problems(kind: Kind, value: Value, path: Path, owner: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield _wrong_form("a list", value, path, owner)
    elif kind.element is not None:
        for index, item in enumerate(value):
            yield from _value_problems(kind.element, item, (*path, index), owner)


def _unknown_name(schema: ObjectSchema, path: Path, owner: str) -> Problem:
    known = sorted(schema.properties)
    near = difflib.get_close_matches(str(path[-1]), known, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"allowed here: {', '.join(known)}"
    return Problem(render(path), f"Invalid or unknown property '{render(path)}' of {owner}; {hint}")


def _wrong_form(wanted: str, value: Value, path: Path, owner: str) -> Problem:
    got = "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a single value"
    return Problem(render(path), f"Property '{render(path)}' of {owner} must be {wanted}, got {got}")
