"""The plan of an upgrade: every step between where the files stand and a baseline, in order. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from bedplate.catalog.catalog import Catalog
from bedplate.environment.environment import Environment
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.edits import Edit, inverse
from bedplate.model.tree import plain
from bedplate.upgrade.clocks import clocks
from bedplate.upgrade.control_plane import control_plane_steps
from bedplate.upgrade.fleet import waits_for
from bedplate.upgrade.holds import Nodes, PoolEntries, nodes_of
from bedplate.upgrade.overrides import Overrides
from bedplate.upgrade.parts import in_order as parts_in_order
from bedplate.upgrade.parts import part_step
from bedplate.upgrade.pools import in_order as pools_in_order
from bedplate.upgrade.pools import pool_steps
from bedplate.upgrade.standing import Standing, standing
from bedplate.upgrade.steps import Step, UpgradePlan
from bedplate.upgrade.used import versioned_pools


def plan_upgrade(
    resolved: ResolvedEnvironment,
    catalog: Catalog,
    to: str | None,
    today: date,
    others: Sequence[Environment] = (),
) -> UpgradePlan:
    """The steps that take `resolved` to baseline `to` (None: the newest), from where its files stand.

    `others` are the other environments of the repository: those of lower rings go first. Taking a step's edits and
    planning again gives the steps that follow it. `today` decides how long versions are supported. Raises InputError
    where there is no such baseline, or an older one than the environment's.
    """
    found = standing(resolved, catalog, to)
    nodes = [nodes_of(facts, found) for facts in versioned_pools(resolved, catalog)]
    ordered, canary = pools_in_order(nodes)
    pools = tuple(item for item in ordered if item.moves)
    waits = tuple(waits_for(found, others))
    steps = tuple(replace(step, blocked=(*waits, *step.blocked)) for step in _steps(found, pools, today))
    return UpgradePlan(
        environment=resolved.name,
        present=found.written.name,
        target=found.target.name,
        steps=steps,
        canary=canary,
        clocks=clocks(resolved, catalog, today),
        kept=tuple(f"{item.part} {item.value}: {item.reason}" for item in found.own),
        unused=tuple(part for part in found.moving() if part not in found.used and _runs_somewhere(catalog, part)),
    )


def _runs_somewhere(catalog: Catalog, part: str) -> bool:
    row = catalog.baseline_parts[part]
    return row.moves and row.stage != "cluster"


def _steps(found: Standing, pools: tuple[Nodes, ...], today: date) -> Iterator[Step]:
    overrides, entries = Overrides(found), PoolEntries(found)
    for row in parts_in_order(found, before_control_plane=True):
        yield part_step(found, row, overrides)
    yield from control_plane_steps(found, pools, entries, overrides, today)
    first = next((pool for pool in pools if pool.facts.gpu is not None), None)
    emptied: set[str] = set()
    for index, pool in enumerate(pools):
        others = pools[index + 1 :]
        yield from pool_steps(
            found, pool, entries, overrides, others=others, emptied=emptied, first_with_gpus=pool is first
        )
        emptied |= {pool.name} if pool.facts.pool.capacity == "capacityBlock" else set()
    for row in parts_in_order(found, before_control_plane=False):
        yield part_step(found, row, overrides, emptied)
    edits = (*_baseline(found), *overrides.finish())
    if edits:
        yield Step(
            id="baseline",
            title=f"baseline: {found.target.name}, and nothing beside it",
            edits=edits,
            rollback=inverse(edits),
            notes=("nothing that runs changes: everything has the baseline's versions already",),
        )


def _baseline(found: Standing) -> Iterator[Edit]:
    if found.written.name != found.target.name:
        own = found.resolved.own.items.get("baseline")
        yield Edit(found.file, ("baseline",), plain(own) if own is not None else None, found.target.name)
