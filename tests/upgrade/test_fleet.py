"""Rings of a fleet: lower ones are upgraded first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import run
from tests.support.environments import PLATFORM, read, whole, write
from tests.upgrade.repositories import FILE, edit_file, small

OTHER = "environments/early.yaml"


def blocked(root: Path) -> list[str]:
    steps = run("upgrade", "dev", "--root", str(root), "--now", "2026-11-21", "--json").json["steps"]
    assert all(step["blocked"] == steps[0]["blocked"] for step in steps)
    found: list[str] = steps[0]["blocked"]
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """`dev` in ring 1, and `early`, like it, in ring 0; both on the older baseline."""
    made = small(tmp_path)
    edit_file(made, "description: Small", "fleet: {name: main, ring: 1}\ndescription: Small")
    write(made, OTHER, {**whole(made, "dev"), "name": "early", "fleet": {"name": "main", "ring": 0}})
    return made


def test_a_higher_ring_waits_until_a_lower_one_has_arrived(root: Path) -> None:
    assert blocked(root) == ["early, ring 0 of fleet main, has baseline 2026.08: upgrade it to 2026.11 first"]
    write(root, OTHER, {**read(root, OTHER), "baseline": "2026.11"})
    assert blocked(root) == []


def test_a_lower_ring_on_its_way_holds_a_higher_one_back(root: Path) -> None:
    overrides = [{"part": "vllm", "value": "0.30.0", "reason": "upgrade to 2027.02"}]
    write(root, OTHER, {**read(root, OTHER), "baseline": "2026.11", "baselineOverrides": overrides})
    assert blocked(root) == ["early, ring 0 of fleet main, is in the middle of an upgrade: finish it first"]


@pytest.mark.parametrize("fleet", [None, {"name": "other", "ring": 0}, {"name": "main", "ring": 1}])
def test_other_fleets_and_the_same_ring_are_not_waited_for(fleet: object, root: Path) -> None:
    data = {**read(root, OTHER), "fleet": fleet}
    write(root, OTHER, {key: value for key, value in data.items() if value is not None})
    assert blocked(root) == []


def test_the_shipped_environment_has_no_fleet() -> None:
    assert "fleet" not in read(PLATFORM, FILE)
