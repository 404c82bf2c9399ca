"""What a step costs on nodes whose driver the GPU Operator installs: it replaces drivers a few nodes at a time.

A new operator brings a new driver manager, which is part of every driver's pod: that alone replaces them all.
"""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.environment.driver import operator_pools, operator_settings
from bedplate.environment.environment import AnyPoolSpec
from bedplate.environment.facts import node_facts, nodes_of
from bedplate.environment.gates import minimum_gpus
from bedplate.upgrade.standing import Standing
from bedplate.upgrade.steps import GpuCapacity
from components.inventory_pool.spec import InventoryPoolSpec

PARTS = frozenset({"gpuDriver", "gpuOperator"})
"""Parts of a baseline that move the pods of drivers."""


def driver_capacity(part: str, standing: Standing) -> GpuCapacity | None:
    """GPUs while `part` moves, in what nodes offer; None where it moves no driver."""
    environment = standing.resolved.environment
    bare = operator_pools(environment) if part in PARTS else ()
    if not bare:
        return None
    now = sum(nodes_of(pool)[1] * _per_node(pool, standing) for pool in environment.node_pools)
    away = sum(_at_once(pool, standing) * _per_node(pool, standing) for pool in bare)
    return GpuCapacity(now, now - away, minimum_gpus(environment, standing.catalog))


def driver_notes(part: str, standing: Standing) -> Iterator[str]:
    """Which nodes pods with GPUs leave while `part` moves, and the models among them."""
    environment = standing.resolved.environment
    for pool in operator_pools(environment) if part in PARTS else ():
        models = [model.name for model in environment.models if model.pool == pool.name]
        whose = f", those of {', '.join(models)} among them" if models else ""
        pace = f"{_at_once(pool, standing)} of {len(pool.nodes)} nodes at a time"
        yield f"drivers of {pool.name} are replaced on {pace}: pods with GPUs leave a node first{whose}"


def too_few(capacity: GpuCapacity | None) -> Iterator[str]:
    """Why drivers may not be replaced. Nodes that are there are no more than they are: without a minimum of the
    environment's own all of their GPUs are it."""
    if capacity is not None and capacity.lowest < capacity.minimum:
        yield (
            f"{capacity.lowest} GPUs would be left while drivers are replaced, below the minimum of "
            f"{capacity.minimum}: state gpuBaseline.health.minimumGpus, or lower gpuOperator.nodesAtOnce"
        )


def _at_once(pool: InventoryPoolSpec, standing: Standing) -> int:
    return min(operator_settings(standing.resolved.environment).nodes_at_once, len(pool.nodes))


def _per_node(pool: AnyPoolSpec, standing: Standing) -> int:
    facts = node_facts(pool, standing.catalog)
    assert facts is not None  # cross-checked
    return sum(facts.offers.values())
