"""Files that look as if they were read, and are not: a name that is off by a letter would hide what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bedplate.environment.targets import FOLDER
from bedplate.model.source import InputError, Position, Problem, did_you_mean

PARTS = ("sites", "teams")
"""Folders that belong to one environment."""


def refuse_strays(root: Path, environment: str) -> None:
    """Raises InputError for files of `environment`, fragments and releases that nothing reads as they are called."""
    own = f"{FOLDER}/{environment}"
    folders = (FOLDER, *(f"{own}/{part}" for part in PARTS), *_releases(root))
    problems = [problem for folder in folders for problem in _misnamed(root, folder)]
    for item in _entries(root / own):
        if item.name not in PARTS and not item.name.startswith("."):
            place = Position(f"{own}/{item.name}", 1, 1)
            hint = did_you_mean(item.name, PARTS)
            problems.append(Problem(place, "", "is not read: it is neither sites nor teams", PARTS, hint))
    if problems:
        raise InputError(problems)


def _misnamed(root: Path, folder: str) -> Iterator[Problem]:
    """Files of YAML whose names end otherwise than those that are read."""
    for item in _entries(root / folder):
        if item.suffix != ".yaml" and item.suffix.lower() in (".yaml", ".yml"):
            place = Position(f"{folder}/{item.name}", 1, 1)
            yield Problem(place, "", "is not read: names of files end with .yaml", hint=f"call it {item.stem}.yaml")


def _releases(root: Path) -> tuple[str, ...]:
    """The folders of model releases."""
    models = f"{FOLDER}/models"
    return tuple(f"{models}/{item.name}" for item in _entries(root / models) if item.is_dir())


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
