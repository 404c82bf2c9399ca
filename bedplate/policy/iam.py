"""What policies read in IAM documents, however they are written: as text or as a map, with lists or without."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from bedplate.graph.values import Json, is_opaque


def parsed(document: Json) -> Mapping[str, Json] | None:
    """The document as a map, which it already is where the program did not write text; None for what is no document."""
    try:
        found = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return None
    return found if isinstance(found, Mapping) else None


def element(block: Json, name: str) -> Json:
    """An element of a document by its name in any letter case, so that no spelling that IAM takes hides one."""
    if is_opaque(block):
        return block
    if not isinstance(block, Mapping):
        return None
    return next((value for key, value in block.items() if key.lower() == name.lower()), None)


def items(value: Json) -> list[tuple[str, Json]]:
    """IAM writes a single item without its list: each item with its place in the path (``[0]``, or nothing)."""
    if value is None:
        return []
    if isinstance(value, str | Mapping):
        return [("", value)]
    return [(f"[{index}]", item) for index, item in enumerate(value)]


def statements(document: Json, path: str) -> Iterator[tuple[str, Json]]:
    """Every statement of a document with its path; nothing for what is no document."""
    found = parsed(document)
    for place, statement in items(element(found, "Statement")):
        yield f"{path}.Statement{place}", statement


def conditions(statement: Json) -> Iterator[tuple[str, str, Json]]:
    """Every line of a statement's condition: operator, key, and value or values, as they are written."""
    block = element(statement, "Condition")
    if isinstance(block, Mapping) and not is_opaque(block):
        for operator, lines in block.items():
            if isinstance(lines, Mapping) and not is_opaque(lines):
                for key, value in lines.items():
                    yield operator, key, value
