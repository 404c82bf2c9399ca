"""Platform repositories on their way between baselines: `dev` as it is written, and one with pools of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bedplate.catalog import catalog
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.edits import Edit, edited
from bedplate.upgrade.layout import key_order
from bedplate.upgrade.plan import plan_upgrade
from bedplate.upgrade.steps import Step, UpgradePlan
from tests.support.environments import PLATFORM, TODAY, read, repository, whole, write

FILE = "environments/dev.yaml"
BIG = "tests/upgrade/big.yaml"
OLD, NEW = "2026.08", "2026.11"


def small(folder: Path) -> Path:
    """`dev` on the older baseline, in block style and with comments."""
    root = repository(folder)
    text = (root / FILE).read_text(encoding="utf-8")
    (root / FILE).write_text(text.replace("tier: development", f'tier: development\nbaseline: "{OLD}"'), "utf-8")
    return root


def big(folder: Path) -> Path:
    """Pools of every kind on the older baseline, in one file in flow style."""
    root = repository(folder)
    write(root, FILE, whole(PLATFORM, "dev", BIG))
    return root


def edit_file(root: Path, old: str, new: str) -> None:
    """Replace text that stands once in the environment file."""
    text = (root / FILE).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    (root / FILE).write_text(text.replace(old, new), encoding="utf-8")


def add_pool(root: Path, pool: Mapping[str, Any]) -> None:
    """Another pool at the end of the list, in an environment that is written as one file."""
    data = read(root, FILE)
    pools = data["nodePools"]
    assert isinstance(pools, list)
    write(root, FILE, {**data, "nodePools": [*pools, dict(pool)]})


def resolved(root: Path) -> ResolvedEnvironment:
    return load(root, "dev")


def plan(root: Path, to: str | None = None, today: date = TODAY) -> UpgradePlan:
    """The plan from where the files of `root` stand."""
    return plan_upgrade(resolved(root), catalog.load(), to, today)


def take(root: Path, edits: tuple[Edit, ...]) -> None:
    """Write edits into the environment file."""
    text = (root / FILE).read_text(encoding="utf-8")
    (root / FILE).write_text(edited(text, edits, key_order), encoding="utf-8")


def step(made: UpgradePlan, name: str) -> Step:
    """The step of a plan that is called so."""
    return next(item for item in made.steps if item.id == name)
