"""Places and problems of files, as parts of documents."""

from __future__ import annotations

from bedplate.model.source import Position, Problem
from bedplate.output.documents.answers import PlaceDocument, ProblemDocument


def place(position: Position) -> PlaceDocument:
    """The document form of `position`."""
    return {"file": position.file, "line": position.line, "column": position.column}


def problem(item: Problem) -> ProblemDocument:
    """The document form of `item`."""
    document: ProblemDocument = {
        "path": item.path,
        "message": item.message,
        "allowed": list(item.allowed),
        "hint": item.hint,
    }
    if item.position is not None:
        document["place"] = place(item.position)
    return document
