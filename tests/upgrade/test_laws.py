"""Laws of upgrades, on `dev` as people write it and on one with pools of every kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bedplate.catalog import catalog
from bedplate.cli.pipeline import recorded
from bedplate.environment.facts import chart_of, pool_image
from bedplate.environment.sections import ChartAddonSpec
from bedplate.units.version import version_key
from bedplate.upgrade.used import used_parts, versioned_pools
from tests.support.environments import read, replaced, write
from tests.upgrade.repositories import FILE, NEW, add_pool, big, plan, resolved, small, take

Maker = Callable[[Path], Path]
BOTH = pytest.mark.parametrize("make", [small, big])


@BOTH
def test_every_prefix_of_the_steps_loads_and_planning_again_gives_the_rest(make: Maker, tmp_path: Path) -> None:
    root = make(tmp_path)
    steps = plan(root).steps
    assert len(steps) > 5
    for index, step in enumerate(steps):
        take(root, step.edits)
        assert plan(root).steps == steps[index + 1 :], step.id


@BOTH
def test_all_steps_together_change_the_baseline_and_nothing_else(make: Maker, tmp_path: Path) -> None:
    root = make(tmp_path)
    before = (root / FILE).read_text(encoding="utf-8")
    wanted = replaced(read(root, FILE), "baseline", NEW)
    for step in plan(root).steps:
        take(root, step.edits)
    emptied = {"nodePools[training].size": {"min": 0, "desired": 0, "max": 2}, "addons[kueue].version": "0.19.5"}
    if make is big:
        for path, value in emptied.items():
            wanted = replaced(wanted, path, value)
    else:
        assert (root / FILE).read_text(encoding="utf-8") == before.replace("2026.08", NEW)
    assert read(root, FILE) == wanted


@BOTH
def test_taking_a_step_back_gives_the_same_bytes(make: Maker, tmp_path: Path) -> None:
    root = make(tmp_path)
    for step in plan(root).steps:
        before = (root / FILE).read_text(encoding="utf-8")
        take(root, step.edits)
        after = (root / FILE).read_text(encoding="utf-8")
        take(root, step.rollback)
        assert (root / FILE).read_text(encoding="utf-8") == before, step.id
        (root / FILE).write_text(after, encoding="utf-8")


@BOTH
def test_nodes_are_never_newer_than_the_control_plane_and_minors_are_never_skipped(make: Maker, tmp_path: Path) -> None:
    root = make(tmp_path)
    control_plane = version_key(resolved(root).baseline.kubernetes)
    for step in plan(root).steps:
        take(root, step.edits)
        now = resolved(root)
        minor = version_key(now.baseline.kubernetes)
        assert minor[1] - control_plane[1] in (0, 1)
        control_plane = minor
        for facts in versioned_pools(now, catalog.load()):
            assert version_key(pool_image(facts, now.baseline, catalog.load()).kubernetes) <= minor


@BOTH
def test_a_step_moves_the_nodes_of_its_own_pool_only(make: Maker, tmp_path: Path) -> None:
    root = make(tmp_path)

    def images() -> dict[str, object]:
        now = resolved(root)
        pools = versioned_pools(now, catalog.load())
        return {facts.pool.name: pool_image(facts, now.baseline, catalog.load()) for facts in pools}

    for step in plan(root).steps:
        before = images()
        take(root, step.edits)
        after = images()
        moved = {name for name in after if before[name] != after[name]}
        assert moved == ({step.id.removeprefix("pool-")} if step.id.startswith("pool-") else set()), step.id


@BOTH
def test_the_last_step_changes_nothing_that_runs(make: Maker, tmp_path: Path) -> None:
    root = make(tmp_path)
    steps = plan(root).steps
    for step in steps[:-1]:
        take(root, step.edits)
    before = recorded(resolved(root))
    take(root, steps[-1].edits)
    assert steps[-1].id == "baseline"
    assert recorded(resolved(root)).digest == before.digest


def claiming(folder: Path) -> Path:
    """`big` whose training nodes have adapters, and with GPUs that pods claim."""
    root = big(folder)
    claimed: dict[str, Any] = {
        "name": "claimed",
        "role": "inference",
        "devicePath": "dra",
        "instanceTypes": ["g6.xlarge"],
    }
    add_pool(root, {**claimed, "provisioner": "managed", "size": {"min": 1, "desired": 1, "max": 1}})
    wired: dict[str, Any] = {
        "name": "wired",
        "role": "training",
        "efa": {"interfaces": "max"},
        "instanceTypes": ["p5.48xlarge"],
    }
    place: dict[str, Any] = {
        "zones": ["us-east-1a"],
        "placement": "cluster",
        "size": {"min": 0, "desired": 0, "max": 2},
    }
    add_pool(root, {**wired, **place, "provisioner": "managed"})
    return root


@pytest.mark.parametrize("make", [big, claiming])
def test_a_part_is_used_exactly_when_another_version_of_it_changes_what_is_registered_or_locked(
    make: Maker, tmp_path: Path
) -> None:
    root = make(tmp_path)
    facts = catalog.load()
    data = read(root, FILE)

    def outcome() -> tuple[object, ...]:
        now = resolved(root)
        charts = [addon for addon in now.environment.addons if isinstance(addon, ChartAddonSpec)]
        return recorded(now).digest, [chart_of(addon, now.baseline) for addon in charts]

    before = outcome()
    used = used_parts(resolved(root), facts)
    old, new = facts.baselines["2026.08"].parts(), facts.baselines["2026.11"].parts()
    for part, row in facts.baseline_parts.items():
        if row.stage == "cluster" or not row.moves or part in ("kserve", "kueue"):
            continue  # nothing else of kserve is known; kueue is installed by somebody else
        value = new[part] if new[part] != old[part] else "9.9.9"
        override = {"part": part, "value": value, "reason": "to see what it moves"}
        write(root, FILE, replaced(data, "baselineOverrides", [override]))
        assert (outcome() != before) == (part in used), part
