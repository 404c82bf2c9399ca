"""Collects problems of cross-checks, each at the place of the value that is wrong."""

from __future__ import annotations

from bedplate.environment.resolve import locate
from bedplate.model.source import Problem
from bedplate.model.tree import Mapping, format_path

Path = tuple[str | int, ...]


class Reporter:
    """Problems about one document tree."""

    def __init__(self, tree: Mapping) -> None:
        self._tree = tree
        self.problems: list[Problem] = []

    def add(self, path: Path, message: str, *, allowed: tuple[str, ...] = (), hint: str = "") -> None:
        """Report `message` about the value at `path` (keys as in the file)."""
        self.problems.append(Problem(locate(self._tree, path), format_path(path), message, allowed, hint))
