"""Walks a value and its JSON Schema together: what a path leads to, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bedplate.graph.values import Json
from bedplate.model.source import InputError, Problem, did_you_mean
from bedplate.model.tree import Path, Step, format_path


@dataclass(frozen=True, slots=True)
class Spot:
    """What stands at a path: the value (None where not set), its schema, and the path as people write it."""

    value: Json
    schema: Mapping[str, Json]
    path: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of a mapping, names of named items, else indices."""
        if isinstance(self.value, Mapping):
            return tuple(self.value)
        if isinstance(self.value, Sequence) and not isinstance(self.value, str):
            return tuple(_item_key(item, index) for index, item in enumerate(self.value))
        return ()


def spot(value: Json, schema: Mapping[str, Json], path: Path) -> Spot:
    """Follow `path` from `value`. Raises InputError with a guess where nothing of that name can stand."""
    definitions = schema.get("$defs", {})
    current = Spot(value, _resolved(schema, value, definitions))
    for step in path:
        following = _step(current, step, definitions)
        if following is None:
            raise _unknown(current, step)
        current = following
    return current


def _step(current: Spot, step: Step, definitions: Mapping[str, Json]) -> Spot | None:
    value, schema = current.value, current.schema
    if isinstance(value, Sequence) and not isinstance(value, str):
        found = [item for index, item in enumerate(value) if step in (index, _item_key(item, index))]
        items = schema.get("items", {})
        return Spot(found[0], _resolved(items, found[0], definitions), f"{current.path}[{step}]") if found else None
    inner = schema.get("properties", {}).get(step)
    if inner is None and isinstance(value, Mapping) and step in value:
        inner = next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))
        inner = inner if isinstance(inner, Mapping) else {}
    if inner is None:
        return None
    below = value.get(step) if isinstance(value, Mapping) else None
    return Spot(below, _resolved(inner, below, definitions), _joined(current.path, step))


def _resolved(schema: Mapping[str, Json], value: Json, definitions: Mapping[str, Json]) -> Mapping[str, Json]:
    """`schema` with its reference followed and its union decided by `value`. Words beside a reference win."""
    for union in ("anyOf", "oneOf"):
        if union in schema:
            outer = {key: item for key, item in schema.items() if key not in (union, "discriminator")}
            choices = [item for item in schema[union] if item.get("type") != "null"]
            return {**_resolved(_choice(choices, schema, value), value, definitions), **outer}
    if "$ref" in schema:
        target = definitions[schema["$ref"].rpartition("/")[2]]
        outer = {key: item for key, item in schema.items() if key != "$ref"}
        return {**_resolved(target, value, definitions), **outer}
    return schema


def _choice(choices: Sequence[Mapping[str, Json]], schema: Mapping[str, Json], value: Json) -> Mapping[str, Json]:
    discriminator = schema.get("discriminator")
    if discriminator and isinstance(value, Mapping):
        tag = value.get(discriminator["propertyName"])
        return {"$ref": discriminator["mapping"][tag]}
    return choices[0]


def _item_key(item: Json, index: int) -> str:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else str(index)


def _joined(path: str, step: Step) -> str:
    below = format_path((step,))
    return path + below if below.startswith("[") else f"{path}.{below}".removeprefix(".")


def _unknown(current: Spot, step: Step) -> InputError:
    known = tuple(sorted({*current.keys, *current.schema.get("properties", {})}))
    inside = current.path or "the environment"
    message = f"there is no {str(step)!r} in {inside}" if known else f"{inside} has nothing below it"
    return InputError([Problem(None, current.path, message, known, did_you_mean(str(step), known))])
