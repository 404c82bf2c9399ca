"""The YAML front door: bytes in, a tree with positions out, or one error that names every problem found.

Refused: what `yaml_text` sees on the bytes, what is not YAML, and what `yaml_builder` does not take. No input of at
most `MAX_BYTES` costs more than a large honest file does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bedplate.model.files import read_confined
from bedplate.model.source import InputError, Problem
from bedplate.model.tree import Mapping
from bedplate.model.yaml_builder import TreeBuilder
from bedplate.model.yaml_text import MAX_BYTES, decode


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read. `warnings` do not hinder use; they are in reading order."""

    root: Mapping
    warnings: tuple[Problem, ...]


def read_file(root: Path, relative: str) -> Document:
    """Read one file of the platform repository at `root`. Raises InputError, also when the file lies outside it."""
    return read_document(read_confined(root, relative, limit=MAX_BYTES), relative)


def read_document(data: bytes, name: str) -> Document:
    """Read one YAML 1.2 document whose top is a mapping; `name` is the file in positions. Raises InputError."""
    builder = TreeBuilder(decode(data, name), name)
    try:
        root = builder.build()
    except InputError as error:
        raise InputError([*builder.problems.all(), *error.problems]) from None
    if builder.problems:
        raise InputError(builder.problems.all())
    return Document(root, builder.warnings.all())
