"""Where a value of an environment comes from: the place, what it replaced, what it means and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.values import Json
from bedplate.model.schema import json_schema
from bedplate.model.source import InputError, Position, Problem
from bedplate.model.tree import Node, at, parse_path, plain
from bedplate.output.documents.answers import ExplainDocument, WrittenDocument
from bedplate.output.lines import Line, Lines, Segment, line, table
from bedplate.output.places import place
from bedplate.output.schema_walk import Spot, spot
from bedplate.output.wording import many, value_text

# Longest value in the table of what stands below.
_CELL = 40


@dataclass(frozen=True, slots=True)
class Explanation:
    """What can be said of one path of an environment. `position` is None for a default."""

    environment: str
    spot: Spot
    position: Position | None
    overrides: tuple[tuple[Json, Position], ...]
    below: tuple[tuple[str, Json, Position | None], ...]

    @property
    def allowed(self) -> tuple[str, ...]:
        """Allowed values and bounds, in words."""
        return tuple(_allowed(self.spot.schema))

    def to_json(self) -> ExplainDocument:
        overrides: list[WrittenDocument] = [{"value": value, "place": place(where)} for value, where in self.overrides]
        document: ExplainDocument = {
            "schema": "bedplate.explain/v1",
            "environment": self.environment,
            "path": self.spot.path,
            "value": self.spot.value,
            "isDefault": self.position is None,
            "overrides": overrides,
            "description": self.spot.schema.get("description", ""),
            "allowed": list(self.allowed),
            "examples": list(self.spot.schema.get("examples", ())),
            "keys": list(self.spot.keys),
        }
        if self.position is not None:
            document["place"] = place(self.position)
        return document


def explain(resolved: ResolvedEnvironment, path_text: str) -> Explanation:
    """Explain the value at `path_text`. Raises InputError for a path that leads nowhere."""
    try:
        path = parse_path(path_text)
    except ValueError as error:
        raise InputError([Problem(None, "", str(error))]) from None
    value = resolved.environment.model_dump(mode="json", by_alias=True)
    found = spot(value, json_schema(type(resolved.environment), "environment"), path)
    node = at(resolved.tree, path)
    return Explanation(
        environment=resolved.name,
        spot=found,
        position=node.position if node is not None else None,
        overrides=tuple((plain(item), item.position) for item in (node.overrides if node is not None else ())),
        below=tuple(_below(found, node)),
    )


def explanation_text(item: Explanation) -> Lines:
    """What `bedplate explain` shows."""
    return Lines(_text(item))


def _below(found: Spot, node: Node | None) -> Iterator[tuple[str, Json, Position | None]]:
    """Key, value and place of everything directly below."""
    values = found.value.values() if isinstance(found.value, Mapping) else found.value if found.keys else ()
    for index, (key, value) in enumerate(zip(found.keys, values, strict=True)):
        step = key if isinstance(found.value, Mapping) else index
        below = at(node, (step,)) if node is not None else None
        yield key, value, below.position if below is not None else None


def _text(item: Explanation) -> Iterator[Line]:
    name = item.spot.path or item.environment
    kind = "a list" if isinstance(item.spot.value, list) else "a mapping"
    text = f"{kind} of {len(item.below)}" if item.below else value_text(item.spot.value, limit=1_000)
    yield line(Segment(name, "strong"), f" = {'not set' if item.spot.value is None else text}")
    if item.position is not None:
        yield _fact("written", str(item.position))
    else:
        yield _fact("written", "nowhere, this is the default")
    for value, where in item.overrides:
        yield _fact("replaced", f"{value_text(value)} at {where}")
    if item.spot.schema.get("description"):
        yield _fact("meaning", item.spot.schema["description"])
    for text in item.allowed:
        yield _fact("allowed", text)
    for example in item.spot.schema.get("examples", ()):
        yield _fact("example", value_text(example))
    if item.below:
        yield ()
        rows = [(key, _short(value), str(where) if where else "default") for key, value, where in item.below]
        yield from table(("key", "value", "written"), rows)


def _short(value: Json) -> str:
    return "not set" if value is None else value_text(value, limit=_CELL)


def _fact(name: str, text: str) -> Line:
    return line(Segment(name.ljust(9), "dim"), text, indent=2)


def _allowed(schema: Mapping[str, Json]) -> Iterator[str]:
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if values:
        yield ", ".join(value_text(value) for value in values)
    for low, high, unit in (("minimum", "maximum", ""), ("minItems", "maxItems", " items")):
        if low in schema and high in schema:
            yield f"{schema[low]} to {schema[high]}{unit}"
        elif low in schema or high in schema:
            word, bound = ("at least", schema[low]) if low in schema else ("at most", schema[high])
            yield f"{word} {many(bound, 'item') if unit else bound}"
    if "exclusiveMinimum" in schema:
        yield f"more than {schema['exclusiveMinimum']:g}"
    if "exclusiveMaximum" in schema:
        yield f"less than {schema['exclusiveMaximum']:g}"
    if schema.get("type") == "boolean":
        yield "true, false"
