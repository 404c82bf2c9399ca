"""Generated repositories on disk, with their lock: ``python -m tests.support.generated`` (see there)."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from bedplate.cli.locking import update_lock
from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.environment.targets import targets_of
from bedplate.graph.values import Json
from tests.support.environments import PLATFORM
from tests.support.generated.repository import NAME, Place, Shape, files

_FRAGMENTS = ("_aws.yaml", "_gpu.yaml")


def write(root: Path, shape: Shape, *, seed: int = 0) -> tuple[str, ...]:
    """Write a repository below `root`, lock included, and return the names of its targets."""
    targets = write_files(root, shape, seed=seed)
    update_lock(root, NAME, check=False, charts=())
    return targets


def write_files(root: Path, shape: Shape, *, seed: int = 0) -> tuple[str, ...]:
    """The same without its lock, which takes as long as a plan."""
    (root / "environments").mkdir(parents=True)
    for name in _FRAGMENTS:
        shutil.copy(PLATFORM / "environments" / name, root / "environments" / name)
    for relative, document in files(shape, seed).items():
        _write(root / relative, document)
    return targets_of(root, NAME)


def registered(root: Path, target: str) -> int:
    """Resources that the program registers for `target`."""
    return len(recorded(load(root, target)))


def teams_for(folder: Path, place: Place, pools: int, resources: int) -> int:
    """The fewest teams with which an environment registers `resources` or more, at its first site if it has any.

    Every team brings equally many, so two small environments below `folder` tell.
    """
    counts = []
    for teams in (1, 2):
        root = folder / f"{place}-{teams}"
        target = write_files(root, Shape(place, pools, teams))[0]
        counts.append(registered(root, target))
    first, each = counts[0], counts[1] - counts[0]
    return 1 + max(0, -(-(resources - first) // each))


def _write(path: Path, document: Mapping[str, Json]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, sort_keys=False, width=120, allow_unicode=True), encoding="utf-8")
