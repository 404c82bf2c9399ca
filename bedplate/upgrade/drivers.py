"""What a step costs on nodes whose driver the GPU Operator installs: it replaces drivers a few nodes at a time.

A new operator brings a new driver manager, which is part of every driver's pod: that alone replaces them all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bedplate.environment.driver import operator_pools, operator_settings
from bedplate.upgrade.capacity import capacity_without, gpus_of_a_node, pools_with_facts
from bedplate.upgrade.standing import Standing
from bedplate.upgrade.steps import GpuCapacity
from components.inventory_pool.spec import InventoryPoolSpec

PARTS = frozenset({"gpuDriver", "gpuOperator"})
"""Parts of a baseline that move the pods of drivers."""
REPLACES = "drivers are replaced"
"""What goes on while one of these parts moves."""


def driver_capacity(part: str, standing: Standing, emptied: Collection[str] = ()) -> GpuCapacity | None:
    """GPUs while `part` moves, in what nodes offer; None where it moves no driver."""
    bare = operator_pools(standing.resolved.environment) if part in PARTS else ()
    if not bare:
        return None
    away = sum(
        _at_once(pool, standing) * gpus_of_a_node(facts)
        for pool, facts in pools_with_facts(standing)
        if isinstance(pool, InventoryPoolSpec) and pool in bare
    )
    return capacity_without(away, standing, emptied)


def driver_notes(part: str, standing: Standing) -> Iterator[str]:
    """Which nodes pods with GPUs leave while `part` moves, and the models among them."""
    environment = standing.resolved.environment
    for pool in operator_pools(environment) if part in PARTS else ():
        models = [model.name for model in environment.models if model.pool == pool.name]
        whose = f", those of {', '.join(models)} among them" if models else ""
        pace = f"{_at_once(pool, standing)} of {len(pool.nodes)} nodes at a time"
        yield f"drivers of {pool.name} are replaced on {pace}: pods with GPUs leave a node first{whose}"


def _at_once(pool: InventoryPoolSpec, standing: Standing) -> int:
    return min(operator_settings(standing.resolved.environment).nodes_at_once, len(pool.nodes))
