"""Steps of the control plane: one minor after the other, while nodes stay where they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from bedplate.environment.checks.pool_images import MOST_SKEW
from bedplate.model.edits import Edit, inverse
from bedplate.model.tree import at
from bedplate.units.version import version_key
from bedplate.upgrade.gates import control_plane_gates
from bedplate.upgrade.holds import Nodes, PoolEntries
from bedplate.upgrade.overrides import Overrides
from bedplate.upgrade.standing import Standing
from bedplate.upgrade.steps import CLOSED, Step, Transition
from bedplate.upgrade.transitions import kept_by_others, transition
from components.cluster.spec import ClusterSpec


def control_plane_steps(
    standing: Standing, pools: Sequence[Nodes], entries: PoolEntries, overrides: Overrides, today: date
) -> Iterator[Step]:
    """One step for each minor between now and the goal. `pools` are those whose nodes move later: they are held."""
    old = standing.present.kubernetes
    for new in minors_between(old, standing.goal.kubernetes):
        edits = [*overrides.ensure("kubernetes", new), *_stated_version(standing, old, new)]
        if new == standing.goal.kubernetes and any(nodes.facts.pool.ami.family == "al2023" for nodes in pools):
            edits += overrides.ensure("amiRelease", standing.goal.ami_release)
        edits += [edit for nodes in pools for edit in entries.hold(nodes, kubernetes=True)]
        yield _step(standing, old, new, edits, pools, today)
        old = new


def minors_between(old: str, new: str) -> tuple[str, ...]:
    """Minors after `old` up to `new`: 1.34, 1.36 → 1.35, 1.36. Going back is no upgrade: empty."""
    major, first = version_key(old)
    return tuple(f"{major}.{minor}" for minor in range(first + 1, version_key(new)[1] + 1))


def _step(standing: Standing, old: str, new: str, edits: Sequence[Edit], pools: Sequence[Nodes], today: date) -> Step:
    environment = standing.resolved.environment
    ours = isinstance(environment.cluster, ClusterSpec)
    move = transition(standing.catalog, "kubernetes", old, new)
    move = move if ours else kept_by_others(move)
    return Step(
        id=f"control-plane-{new}",
        title=f"control plane: Kubernetes {old} → {new}; nodes stay",
        edits=tuple(edits),
        transitions=(move,),
        gates=tuple(control_plane_gates(environment, standing.catalog, new, pools)),
        point_of_no_return=_no_return(move),
        rollback=inverse(edits),
        rollback_note=_way_back(standing, move, today) if ours else "whoever keeps the cluster decides",
        blocked=(*_skewed(new, pools), *_unfit(standing, new)),
        notes=tuple(_notes(standing, new)),
        expand=tuple(chart.name for chart in standing.resolved.vendored),
        relock=bool(standing.resolved.vendored),
    )


def _stated_version(standing: Standing, old: str, new: str) -> Iterator[Edit]:
    """A cluster that is there already is stated with its version."""
    if isinstance(standing.resolved.environment.cluster, ClusterSpec):
        return
    path = ("cluster", "version")
    # Cross-checked to be the baseline's; after the first step the file has what that one wrote.
    written = at(standing.resolved.own, path) is not None or old != standing.present.kubernetes
    before = old if written else None
    yield Edit(standing.file, path, before, new)


def _no_return(move: Transition) -> str:
    if move.irreversible:
        return "the control plane cannot go back"
    if move.reversible_days is not None:
        return f"the control plane goes back within {move.reversible_days} days only, after nodes and add-ons went back"
    return ""


def _way_back(standing: Standing, move: Transition, today: date) -> str:
    if move.irreversible:
        return f"{CLOSED}, or make a new cluster and move the teams there"
    support = standing.catalog.support(move.old, today)
    extended = (
        f"; {move.old} is in extended support, so set cluster.support: extended first"
        if support.status != "standard"
        else ""
    )
    days = f"within {move.reversible_days} days, " if move.reversible_days is not None else ""
    return f"{days}one minor, when no node is newer and add-ons fit {move.old}{extended}; later only forward"


def _skewed(new: str, pools: Sequence[Nodes]) -> Iterator[str]:
    for nodes in pools:
        behind = version_key(new)[1] - version_key(nodes.now.kubernetes)[1]
        if behind > MOST_SKEW:
            yield (
                f"nodes of {nodes.name} run {nodes.now.kubernetes}, {behind} minors behind {new}; Kubernetes allows "
                f"{MOST_SKEW}: upgrade through a baseline in between"
            )


def _unfit(standing: Standing, new: str) -> Iterator[str]:
    """Parts that would not run with the new Kubernetes even in the target's version."""
    for part, row in standing.catalog.baseline_parts.items():
        oldest = row.for_kubernetes.get(new)
        have = standing.goal.parts()[part]
        if part in standing.used and oldest is not None and version_key(have) < version_key(oldest):
            yield f"{part} {have} is not known to run with Kubernetes {new}, which needs {oldest}"


def _notes(standing: Standing, new: str) -> Iterator[str]:
    if not isinstance(standing.resolved.environment.cluster, ClusterSpec):
        return
    yield (
        f"EKS add-ons without a version keep the one that they have; `aws eks describe-addon-versions "
        f"--kubernetes-version {new}` lists those for {new}"
    )
    for addon in standing.resolved.environment.addons:
        if addon.source == "eks" and addon.version is not None:
            yield f"addons[{addon.name}] is set to {addon.version}: check that EKS offers it for {new}"
