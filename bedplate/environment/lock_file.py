"""The lock beside an environment's file, with the place of every value in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bedplate.model.files import present
from bedplate.model.lockfile import Lock
from bedplate.model.source import InputError, Problem
from bedplate.model.tree import Mapping, Node, at, format_path
from bedplate.model.tree import Path as TreePath
from bedplate.model.validate import validate
from bedplate.model.yaml_reader import read_file


@dataclass(frozen=True, slots=True)
class LockFile:
    """A lock and the tree that it was read from."""

    lock: Lock
    tree: Mapping

    def problem(self, path: TreePath, message: str, hint: str) -> Problem:
        """A mistake at `path`, or at the nearest value around it that was written."""
        place: Node = self.tree
        for length in range(1, len(path) + 1):
            place = at(self.tree, path[:length]) or place
        return Problem(place.position, format_path(path), message, hint=hint)


def read_lock(root: Path, relative: str, environment: str) -> LockFile | None:
    """The lock of `environment` at `relative`; None where there is no such file.

    Raises InputError for one of another format or environment.
    """
    if not present(root, relative):
        return None
    tree = read_file(root, relative).root
    file = LockFile(validate(Lock, tree), tree)
    if file.lock.environment != environment:
        message = f"is {file.lock.environment!r}, but the file is the lock of {environment}"
        hint = f"bedplate lock {environment} writes it anew"
        raise InputError([file.problem(("environment",), message, hint)])
    return file
