"""Lines for values that differ: `path  before → after`; long texts are cut, documents inside a text unfolded."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence

from bedplate.graph.properties import PropertyChange, property_changes
from bedplate.graph.values import Json
from bedplate.output.lines import Line, Segment, line
from bedplate.output.wording import VALUE_LIMIT, many, shortened, value_text, visible

# Properties shown of one object, and lines shown of one text.
MOST_PROPERTIES = 40
_MOST_TEXT_LINES = 12
# Longest path that others are aligned to.
_WIDEST_PATH = 44
# Characters kept of what two long texts have in common before they differ.
_KEPT = 16


def property_lines(properties: Sequence[PropertyChange], *, indent: int) -> Iterator[Line]:
    """One line per value, and more for texts of several lines."""
    flat = [part for item in properties for part in unfolded(item)]
    shown = flat[:MOST_PROPERTIES]
    width = max((len(visible(item.path)) for item in shown if len(item.path) <= _WIDEST_PATH), default=0)
    for item in shown:
        yield from _one(item, width, indent)
    if len(flat) > len(shown):
        yield line(
            Segment(f"and {many(len(flat) - len(shown), 'more property', 'more properties')}", "dim"), indent=indent
        )


def unfolded(item: PropertyChange) -> tuple[PropertyChange, ...]:
    """The changes inside JSON documents that are kept as text, such as IAM policies; else the change itself."""
    before, after = _document(item.before), _document(item.after)
    if before is None or after is None:
        return (item,)
    inner = property_changes(before, after)
    # Equal documents in different spelling: the text is the change.
    return tuple(PropertyChange(f"{item.path}: {c.path}", c.before, c.after) for c in inner) or (item,)


def _document(value: Json) -> Json:
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def _one(item: PropertyChange, width: int, indent: int) -> Iterator[Line]:
    path = visible(item.path).ljust(width)
    if _is_text(item.before) and _is_text(item.after):
        yield from _text_lines(path, item.before, item.after, indent)
    elif item.before is None:
        yield line(path, "  ", Segment(f"+ {value_text(item.after)}", "create"), indent=indent)
    elif item.after is None:
        yield line(path, "  ", Segment(f"- {value_text(item.before)}", "delete"), indent=indent)
    else:
        before, after = _pair(item.before, item.after)
        yield line(path, "  ", Segment(before, "dim"), " → ", Segment(after, "strong"), indent=indent)


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and "\n" in value


def _text_lines(path: str, before: str, after: str, indent: int) -> Iterator[Line]:
    """Of a text of several lines only the lines that differ."""
    old, new = before.splitlines(), after.splitlines()
    found = [item for item in list(difflib.unified_diff(old, new, lineterm="", n=0))[2:] if item[0] != "@"]
    if not found:
        yield line(path, "  only line ends differ", indent=indent)
        return
    yield line(path, f"  {many(len(found), 'line')} of {len(new):,} differ", indent=indent)
    for text in found[:_MOST_TEXT_LINES]:
        yield line(Segment(f"{text[0]} {_cut(text[1:])}", "create" if text[0] == "+" else "delete"), indent=indent + 2)
    if len(found) > _MOST_TEXT_LINES:
        yield line(Segment(f"and {many(len(found) - _MOST_TEXT_LINES, 'more line')}", "dim"), indent=indent + 2)


def _pair(before: Json, after: Json) -> tuple[str, str]:
    """Both values, long ones from shortly before the place where they differ."""
    old, new = value_text(before, limit=10**9), value_text(after, limit=10**9)
    if len(old) <= VALUE_LIMIT and len(new) <= VALUE_LIMIT:
        return old, new
    common = _common_prefix(old, new)
    start = max(0, common - _KEPT) if common > _KEPT * 2 else 0
    lead = "…" if start else ""
    return lead + _cut(old[start:]), lead + _cut(new[start:])


def _common_prefix(old: str, new: str) -> int:
    for index, (left, right) in enumerate(zip(old, new, strict=False)):
        if left != right:
            return index
    return min(len(old), len(new))


def _cut(text: str) -> str:
    return shortened(text, VALUE_LIMIT)
