"""Collects problems of cross-checks, each at the place of the value that is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from bedplate.model.source import Problem
from bedplate.model.tree import Json, Mapping, at, format_path, locate, plain

Path = tuple[str | int, ...]


class Reporter:
    """Problems about one document tree."""

    def __init__(self, tree: Mapping) -> None:
        self._tree = tree
        self.problems: list[Problem] = []

    def add(self, path: Path, message: str, *, allowed: tuple[str, ...] = (), hint: str = "") -> None:
        """Report `message` about the value at `path` (keys as in the file)."""
        self.problems.append(Problem(locate(self._tree, path), format_path(path), message, allowed, hint))

    def written(self, path: Path) -> Json:
        """What the document says at `path`; None where it says nothing."""
        node = at(self._tree, path)
        return None if node is None else plain(node)

    def unique(self, path: Path, values: Iterable[str], what: str) -> None:
        """Report every value of the list at `path` that stands in it a second time."""
        seen: set[str] = set()
        for index, value in enumerate(values):
            if value in seen:
                self.add((*path, index), f"{what} {value!r} is listed twice")
            seen.add(value)
