"""Folders of a repository's own code: which there may be, and what files in them may be called."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from pathlib import Path

from bedplate.extensions.code import FOLDER
from bedplate.model.source import InputError, Position, Problem, did_you_mean

KINDS = ("catalog", "components", "policies")

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*")
_WORDS = "lower-case words of letters and digits, joined by underscores"


def check_kinds(root: Path) -> None:
    """Every folder of extensions/ is of a kind that is read. Raises InputError: a misspelt one would be ignored."""
    problems = [
        Problem(Position(f"{FOLDER}/{name}", 1, 1), "", "is no kind of extension", KINDS, did_you_mean(name, KINDS))
        for name in _folders(root / FOLDER)
        if name not in KINDS
    ]
    if problems:
        raise InputError(problems)


def named_folders(root: Path, relative: str) -> tuple[str, ...]:
    """Names of the folders below `relative`, sorted. Raises InputError for one that is no name, and for stray code."""
    place = root / relative
    problems = [
        Problem(Position(f"{relative}/{file.name}", 1, 1), "", "belongs into a folder of its own")
        for file in sorted(place.glob("*.py"))
        if not _is_empty_init(file)
    ]
    names = tuple(_folders(place))
    problems += [refusal for name in names if (refusal := _refusal(f"{relative}/{name}", name)) is not None]
    if problems:
        raise InputError(problems)
    return names


def named_files(root: Path, relative: str) -> tuple[str, ...]:
    """Stems of the Python files of `relative`, sorted. Raises InputError for one that is no name, and for folders."""
    place = root / relative
    files = [file for file in sorted(place.glob("*.py")) if not _is_empty_init(file)]
    problems = [
        Problem(Position(f"{relative}/{name}", 1, 1), "", "is a folder, and policies are files of their group")
        for name in _folders(place)
    ]
    found = (_refusal(f"{relative}/{file.name}", file.stem) for file in files)
    problems += [refusal for refusal in found if refusal is not None]
    if problems:
        raise InputError(problems)
    return tuple(file.stem for file in files)


def _folders(place: Path) -> Iterator[str]:
    for item in sorted(place.iterdir()) if place.is_dir() else ():
        if item.is_dir() and item.name != "__pycache__" and not item.name.startswith("."):
            yield item.name


def _is_empty_init(file: Path) -> bool:
    """Some tools want one in every folder; nothing is run of it, so it holds nothing."""
    return file.name == "__init__.py" and file.stat().st_size == 0


def _refusal(relative: str, name: str) -> Problem | None:
    if _NAME.fullmatch(name) and not keyword.iskeyword(name):
        return None
    return Problem(Position(relative, 1, 1), "", f"{name!r} is no name for its code: names are {_WORDS}")
