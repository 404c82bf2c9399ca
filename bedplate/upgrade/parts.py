"""Steps of everything that runs in the cluster: GPU agents, controllers from charts, the runtime of the models."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bedplate.catalog.parts import BaselinePart, overridden
from bedplate.model.edits import Edit, inverse
from bedplate.model.tree import Json, at
from bedplate.units.version import version_key
from bedplate.upgrade.agents import RESTARTS, agents_capacity
from bedplate.upgrade.capacity import ask_first, too_few
from bedplate.upgrade.drivers import REPLACES, driver_capacity, driver_notes
from bedplate.upgrade.gates import health_gates
from bedplate.upgrade.overrides import Overrides
from bedplate.upgrade.standing import Standing
from bedplate.upgrade.steps import CLOSED, Step
from bedplate.upgrade.transitions import transition
from bedplate.upgrade.used import charts_of, provided_of

_MORE_NODES = "add nodes, or set size.desired of pools that are empty or small again"
_STAGES = ("agents", "platform", "runtime")


def in_order(standing: Standing, *, before_control_plane: bool) -> tuple[BaselinePart, ...]:
    """Parts that move, used here, by stage. Before the control plane go those that are too old for its next version."""
    rows = (standing.catalog.baseline_parts[part] for part in standing.moving() if part in standing.used)
    chosen = [row for row in rows if _needed_first(row, standing) == before_control_plane]
    return tuple(sorted(chosen, key=lambda row: _STAGES.index(row.stage)))


def part_step(standing: Standing, row: BaselinePart, overrides: Overrides, emptied: Collection[str] = ()) -> Step:
    """The step of one part. `emptied` are pools that steps before it leave without nodes."""
    old, new = standing.present.parts()[row.part], standing.goal.parts()[row.part]
    edits = [*_versions(standing, row, overrides), *_provided(standing, row, new)]
    move = transition(standing.catalog, row.part, old, new)
    charts = charts_of(row, standing.resolved)
    vendored = {chart.name for chart in standing.resolved.vendored}
    drivers = driver_capacity(row.part, standing, emptied)
    capacity = drivers or agents_capacity(row.part, standing, emptied)
    meanwhile = REPLACES if drivers else RESTARTS
    remedy = "lower gpuOperator.nodesAtOnce, or add nodes" if drivers else _MORE_NODES
    return Step(
        id=f"part-{row.part}",
        title=f"{row.part}: {old} → {new}",
        edits=tuple(edits),
        transitions=(move,),
        gates=tuple(health_gates(standing.resolved.environment, standing.catalog)),
        capacity=capacity,
        blocked=too_few(capacity, standing, meanwhile, remedy),
        notes=tuple(driver_notes(row.part, standing)),
        point_of_no_return=f"{row.part} cannot go back" if move.irreversible else "",
        rollback=inverse(edits),
        rollback_note=CLOSED if move.irreversible else "",
        by_hand=(*_kept_by_others(standing, row, new), *ask_first(capacity, standing, meanwhile)),
        relock=True,
        expand=tuple(name for name in charts if name in vendored),
    )


def _kept_by_others(standing: Standing, row: BaselinePart, new: str) -> Iterator[str]:
    for addon in provided_of(row, standing.resolved):
        yield f"whoever keeps {addon.name} brings it to {new} first"


def _needed_first(row: BaselinePart, standing: Standing) -> bool:
    new = standing.goal.kubernetes
    oldest = row.for_kubernetes.get(new) if new != standing.present.kubernetes else None
    return oldest is not None and version_key(standing.present.parts()[row.part]) < version_key(oldest)


def _versions(standing: Standing, row: BaselinePart, overrides: Overrides) -> Iterator[Edit]:
    """The part's version, and images and charts that would still differ from the target's."""
    goal, part = standing.goal, row.part
    value = goal.parts()[part]
    made = standing.present
    if made.parts()[part] != value:
        yield from overrides.ensure(part, value)
        catalog = standing.catalog
        made = overridden(made, {part: value}, catalog.baseline_parts, catalog.baselines)
    for role in row.images:
        if made.images[role] != goal.images[role]:
            yield from overrides.ensure(f"images.{role}", goal.images[role])
    for name in row.charts:
        if made.charts[name] != goal.charts[name]:
            yield from overrides.ensure(f"charts.{name}", goal.charts[name].version)


def _provided(standing: Standing, row: BaselinePart, new: str) -> Iterator[Edit]:
    """What somebody else installed is stated with its version."""
    for addon in provided_of(row, standing.resolved):
        path = ("addons", addon.name, "version")
        if at(standing.resolved.own, path[:2]) is None:
            entry: dict[str, Json] = {"name": addon.name, "version": new}
            yield Edit(standing.file, path[:2], None, entry)
        else:
            before = addon.version if at(standing.resolved.own, path) is not None else None
            yield Edit(standing.file, path, before, new)
