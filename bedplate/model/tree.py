"""The immutable tree of a document, in which every value knows where it was written and what it replaced.

Reading, merging, validation and `explain` all work on this tree; models never see it.
"""

from __future__ import annotations

import collections.abc
import json
import re
from dataclasses import dataclass
from typing import TypeAlias

from bedplate.model.source import Position

ScalarValue: TypeAlias = bool | int | float | str | None
Json: TypeAlias = ScalarValue | list["Json"] | dict[str, "Json"]
Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `text` is how it was written (`1.10`), `value` what YAML 1.2 reads (1.1)."""

    value: ScalarValue
    text: str
    position: Position
    overrides: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with values, in document order. `key_positions` has every key of `items`."""

    items: collections.abc.Mapping[str, Node]
    key_positions: collections.abc.Mapping[str, Position]
    position: Position
    overrides: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of values."""

    items: tuple[Node, ...]
    position: Position
    overrides: tuple[Node, ...] = ()


Node: TypeAlias = Scalar | Mapping | Sequence
"""`overrides` of a node are the values that it replaced or was merged over, nearest first."""


def plain(node: Node) -> Json:
    """The value alone, as JSON types."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(item) for key, item in node.items.items()}


def item_name(node: Node) -> str | None:
    """The `name` by which an item of a list is known, or None."""
    if isinstance(node, Mapping):
        name = node.items.get("name")
        if isinstance(name, Scalar) and isinstance(name.value, str):
            return name.value
    return None


def at(node: Node, path: Path) -> Node | None:
    """The node at `path`, or None. In a list a number is an index (from 0) and a text the `name` of an item."""
    current: Node | None = node
    for step in path:
        current = _child(current, step)
    return current


def locate(tree: Mapping, path: Path) -> Position:
    """Where `path` was written; the nearest ancestor's place for a value that was not (a default)."""
    node: Node | None = at(tree, path)
    while node is None and path:
        path = path[:-1]
        node = at(tree, path)
    return node.position if node is not None else tree.position


def _child(node: Node | None, step: Step) -> Node | None:
    if isinstance(node, Mapping):
        return node.items.get(step) if isinstance(step, str) else None
    if isinstance(node, Sequence):
        if isinstance(step, int):
            return node.items[step] if 0 <= step < len(node.items) else None
        return next((item for item in node.items if item_name(item) == step), None)
    return None


_BARE = r"[^.\[\]\"\s]+"
_STEP = re.compile(rf'\.?(?P<bare>{_BARE})|\[(?P<index>\d+)\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]|\[(?P<name>{_BARE})\]')


def parse_path(text: str) -> Path:
    """Read `nodePools[l4].size.min`, `nodePools[0]` or `labels["nvidia.com/gpu"]`; "" is the document.

    [name] selects the item of a list whose `name` it is, [number] an index. Raises ValueError with the reason.
    """
    steps: list[Step] = []
    offset = 0
    while offset < len(text):
        match = _STEP.match(text, offset)
        if match is None or (match["bare"] and (offset > 0) != (text[offset] == ".")):
            raise ValueError(f"{text!r} is no path (column {offset + 1}): write it like nodePools[l4].size.min")
        steps.append(_step(match))
        offset = match.end()
    return tuple(steps)


def _step(match: re.Match[str]) -> Step:
    if match["index"]:
        return int(match["index"])
    if match["quoted"]:
        try:
            return str(json.loads(match["quoted"]))
        except json.JSONDecodeError as error:
            raise ValueError(f"path {match.string!r}: {match['quoted']} is not a JSON string") from error
    return match["bare"] or match["name"]


def format_path(path: Path) -> str:
    """Write a path so that `parse_path` reads the same path again."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif re.fullmatch(_BARE, step):
            parts.append(f".{step}" if parts else step)
        else:
            parts.append(f"[{json.dumps(step, ensure_ascii=False)}]")
    return "".join(parts)
