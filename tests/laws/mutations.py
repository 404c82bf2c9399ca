"""Single-field edits of a document: for every value a few others, some of them nonsense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bedplate.graph.values import Json
from bedplate.model.tree import Path, format_path

_GONE = object()


@dataclass(frozen=True)
class Edit:
    """What was done to the value at `path`, and the whole document afterwards."""

    path: str
    what: str
    document: Json

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


def edits(document: Json) -> Iterator[Edit]:
    """Every edit of every value of `document`, in the order of the document."""
    for path, value in _values(document, ()):
        for what, other in _others(value):
            yield Edit(format_path(path), what, _put(document, path, other))


def _values(value: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    if path:
        yield path, value
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _values(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _values(item, (*path, index))


def _others(value: Json) -> Iterator[tuple[str, Json]]:
    """Other values by what was done."""
    yield "removed", _GONE
    match value:
        case bool():
            yield "turned", not value
        case int() | float():
            yield from (("one more", value + 1), ("one less", value - 1), ("doubled", value * 2), ("zero", 0))
        case str():
            yield from (("lengthened", f"{value}x"), ("shortened", value[:-1]), ("upper case", value.upper()))
            yield from (("empty", ""), ("a number", 7), ("a list", [value]))
        case list():
            yield from (("reversed", value[::-1]), ("doubled", value * 2), ("emptied", []), ("a map", {"a": 1}))
        case dict():
            yield from (("emptied", {}), ("a text", "text"), ("with another key", {**value, "another": 1}))


def _put(document: Json, path: Path, value: Json) -> Json:
    step, *rest = path
    copy: Json = dict(document) if isinstance(document, Mapping) else list(document)
    if rest:
        copy[step] = _put(copy[step], tuple(rest), value)
    elif value is _GONE:
        del copy[step]
    else:
        copy[step] = value
    return copy
