"""What a restart of agents that offer GPUs takes away for a while: a node has none until its agent is back. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

from bedplate.environment.environment import AnyPoolSpec
from bedplate.environment.facts import NodeFacts, nodes_of
from bedplate.upgrade.capacity import capacity_without, gpus_of_a_node, pools_with_facts
from bedplate.upgrade.standing import Standing
from bedplate.upgrade.steps import GpuCapacity
from components.inventory_pool.spec import NO_DRIVER, InventoryPoolSpec

DEVICE_PLUGIN, DRA_DRIVER = "devicePlugin", "draDriver"
RESTARTS = "agents restart, on one node of each kind at a time"
"""What goes on while one of these parts moves. Running pods keep their GPUs."""

_DaemonSet: TypeAlias = tuple[object, ...]


def agents_capacity(part: str, standing: Standing, emptied: Collection[str]) -> GpuCapacity | None:
    """GPUs that can be given out while the agents of `part` restart; None where none of the nodes runs one of ours.

    Each DaemonSet restarts one node at a time, and all of them do so at once. Pools that are `emptied` by then offer
    none.
    """
    largest: dict[_DaemonSet, int] = {}
    for pool, facts in pools_with_facts(standing):
        found = _daemon_set(part, pool, facts)
        if found is not None and nodes_of(pool)[1] and pool.name not in emptied:
            largest[found] = max(largest.get(found, 0), gpus_of_a_node(facts))
    return capacity_without(sum(largest.values()), standing, emptied) if largest else None


def _daemon_set(part: str, pool: AnyPoolSpec, facts: NodeFacts) -> _DaemonSet | None:
    """Which DaemonSet of `part` runs on the pool's nodes: there is one for each way of sharing. Bottlerocket brings
    its own device plugin."""
    if facts.gpu is None or part not in (DEVICE_PLUGIN, DRA_DRIVER) or facts.dra != (part == DRA_DRIVER):
        return None
    if isinstance(pool, InventoryPoolSpec):
        bare = pool.driver == NO_DRIVER
    elif pool.ami.family == "bottlerocket":
        return None
    else:
        bare = False
    split = facts.partition.strategy if facts.partition else ""
    return (split, bare) if facts.dra else (split, facts.shares_per_gpu, bare)
