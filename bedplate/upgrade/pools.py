"""Steps of node pools: which goes first, what moves, and how many GPUs stay."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from bedplate.model.edits import Edit, inverse
from bedplate.upgrade.capacity import ask_first, capacity_without, too_few
from bedplate.upgrade.gates import pool_gates
from bedplate.upgrade.holds import Nodes, PoolEntries
from bedplate.upgrade.overrides import Overrides
from bedplate.upgrade.rolling import at_once, is_canary, new_first
from bedplate.upgrade.standing import Standing
from bedplate.upgrade.steps import CLOSED, Canary, Disruption, GpuCapacity, Step
from bedplate.upgrade.transitions import node_transitions
from components.node_pool.spec import NodePoolSpec

_ROLES = ("system", "general", "inference", "training")


def in_order(pools: Sequence[Nodes]) -> tuple[tuple[Nodes, ...], Canary | None]:
    """`pools`, all of them, in the order in which they go, and the first of them: one that is marked as a canary, else
    the smallest inference pool.

    Of marked pools those with GPUs go first: that is where an upgrade goes wrong. Without inference none is chosen.
    """
    ordered = sorted(pools, key=lambda nodes: (_ROLES.index(nodes.facts.pool.role), _size(nodes)))
    marked = [nodes for nodes in ordered if is_canary(nodes.facts.pool)]
    if marked:
        first = sorted(marked, key=lambda nodes: nodes.facts.gpu is None)
        return (*first, *(nodes for nodes in ordered if nodes not in marked)), Canary(first[0].name, declared=True)
    inference = [nodes for nodes in ordered if nodes.facts.pool.role == "inference" and nodes.desired]
    if not inference:
        return tuple(ordered), None
    first_pool = min(inference, key=_size)
    others = (nodes for nodes in ordered if nodes is not first_pool)
    return (first_pool, *others), Canary(first_pool.name, declared=False)


def pool_steps(
    standing: Standing,
    nodes: Nodes,
    entries: PoolEntries,
    overrides: Overrides,
    *,
    others: Sequence[Nodes],
    emptied: Collection[str],
    first_with_gpus: bool,
) -> Iterator[Step]:
    """The steps of one pool. `others` are those that come after it: they are held where nothing holds them yet.
    `emptied` are pools that steps before it leave without nodes."""
    own = nodes.facts.pool
    if isinstance(own, NodePoolSpec) and own.capacity == "capacityBlock" and nodes.desired:
        yield _emptied(nodes, own, entries)
        nodes = _without_nodes(nodes, own)
    pool = nodes.facts.pool
    edits: list[Edit] = []
    if pool.ami.family == "al2023" and standing.present.ami_release != standing.goal.ami_release:
        edits += overrides.ensure("amiRelease", standing.goal.ami_release)
        edits += [edit for other in others for edit in entries.hold(other, kubernetes=False)]
    edits += entries.release(nodes)
    capacity, moves = _capacity(standing, nodes, emptied), node_transitions(standing.catalog, nodes)
    irreversible = any(move.irreversible for move in moves)
    meanwhile, remedy = f"nodes of {nodes.name} are replaced", _remedy(nodes)
    yield Step(
        id=f"pool-{nodes.name}",
        title=f"{nodes.name}: nodes of {nodes.goal.kubernetes}, {_image(nodes)}",
        edits=tuple(edits),
        transitions=moves,
        gates=tuple(pool_gates(standing.resolved.environment, standing.catalog, nodes)),
        disruption=_disruption(standing, nodes),
        capacity=capacity,
        rollback=inverse(edits),
        point_of_no_return=f"nodes of {nodes.name} cannot go back" if irreversible else "",
        rollback_note=CLOSED if irreversible else _way_back(nodes),
        blocked=too_few(capacity, standing, meanwhile, remedy),
        by_hand=(*ask_first(capacity, standing, meanwhile), *_outage(standing, nodes)),
        notes=(*_notes(nodes), *(_unproven(nodes, capacity) if first_with_gpus else ())),
    )


def _way_back(nodes: Nodes) -> str:
    if not isinstance(nodes.facts.pool, NodePoolSpec):
        return "Karpenter replaces the pool's nodes once more"
    return "EKS replaces the pool's nodes once more" if nodes.desired else ""


def _emptied(nodes: Nodes, pool: NodePoolSpec, entries: PoolEntries) -> Step:
    """EKS wants no nodes in a group of a Capacity Block while its version changes."""
    size = pool.size
    edits = entries.empty(nodes)
    return Step(
        id=f"empty-{nodes.name}",
        title=f"{nodes.name}: no nodes, because EKS updates a Capacity Block's group only without them",
        edits=edits,
        by_hand=(f"let the jobs on {nodes.name} end or write their checkpoints: its {size.desired} nodes go",),
        rollback=inverse(edits),
        notes=(f"its size was min {size.min}, desired {size.desired}: set it again when the pool is upgraded",),
    )


def _without_nodes(nodes: Nodes, pool: NodePoolSpec) -> Nodes:
    """The pool as it is after `_emptied`."""
    size = pool.size.model_copy(update={"min": 0, "desired": 0})
    return replace(nodes, facts=replace(nodes.facts, pool=pool.model_copy(update={"size": size})))


def _image(nodes: Nodes) -> str:
    return f"image {nodes.goal.release}" if nodes.goal.release else "the newest image"


def _size(nodes: Nodes) -> tuple[int, int, str]:
    return nodes.desired * sum(nodes.facts.offers.values()), nodes.desired, nodes.name


def _outage(standing: Standing, nodes: Nodes) -> Iterator[str]:
    """What people are asked where no node is left for the models of a pool, until the first new one comes."""
    pool, models = nodes.facts.pool, _models(standing, nodes)
    if models and not new_first(pool) and at_once(pool) >= nodes.desired > 0:
        yield (
            f"make sure that {', '.join(models)} may be away: every node of {nodes.name} goes before the first new one "
            "comes"
        )


def _models(standing: Standing, nodes: Nodes) -> tuple[str, ...]:
    """Models whose pods run on the pool."""
    return tuple(model.name for model in standing.resolved.environment.models if model.pool == nodes.name)


def _disruption(standing: Standing, nodes: Nodes) -> Disruption | None:
    if nodes.desired == 0:
        return None
    pool = nodes.facts.pool
    models = _models(standing, nodes)
    gpus = nodes.facts.instance.gpu_count * nodes.desired
    return Disruption(nodes.name, nodes.desired, at_once(pool), new_first(pool), gpus, models)


def _capacity(standing: Standing, nodes: Nodes, emptied: Collection[str]) -> GpuCapacity | None:
    pool, per_node = nodes.facts.pool, sum(nodes.facts.offers.values())
    if not per_node or nodes.desired == 0:
        return None
    return capacity_without(0 if new_first(pool) else at_once(pool) * per_node, standing, emptied)


def _remedy(nodes: Nodes) -> str:
    return (
        f"raise size.desired of {nodes.name} by {at_once(nodes.facts.pool)} for the time, or set its update.strategy "
        "to launchFirst"
    )


def _unproven(nodes: Nodes, capacity: GpuCapacity | None) -> Iterator[str]:
    """EKS waits until new nodes are Ready, not until they offer GPUs: the first pool shows whether the image does."""
    if capacity is None:
        return
    left = capacity.now - nodes.desired * sum(nodes.facts.offers.values())
    if left < capacity.minimum:
        yield (
            f"should the new nodes offer no GPUs, {left} are left until the step is taken back, below the minimum of "
            f"{capacity.minimum}: a small canary pool would bear that"
        )


def _notes(nodes: Nodes) -> Iterator[str]:
    pool = nodes.facts.pool
    if not isinstance(pool, NodePoolSpec):
        yield (
            f"nodes of {nodes.name} that are there drift: Karpenter starts new ones before they go, as "
            "disruption.budgets allow; wait until no NodeClaim of it is Drifted"
        )
    elif nodes.desired == 0:
        yield f"{nodes.name} has no nodes now: the next ones that start are new"
    elif new_first(pool):
        yield (
            "EKS starts up to two nodes for each zone of the pool, or as many as it replaces at once, before the first "
            "old one goes: quota and capacity must allow it"
        )
    elif at_once(pool) >= nodes.desired:
        yield f"every node of {nodes.name} goes before the first new one comes: what runs there waits meanwhile"
