"""What a restart of the device plugin takes away for a while: a node offers no GPUs until its plugin is back. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bedplate.environment.facts import nodes_of
from bedplate.environment.gates import minimum_gpus
from bedplate.upgrade.standing import Standing
from bedplate.upgrade.steps import GpuCapacity
from bedplate.upgrade.used import versioned_pools

DEVICE_PLUGIN = "devicePlugin"


def plugin_capacity(standing: Standing, emptied: Collection[str]) -> GpuCapacity | None:
    """GPUs while the plugin restarts node by node; None where none of the nodes runs one of ours.

    Pods keep the GPUs that they have. The kubelet takes those of the node from what can be given out. Pools that are
    `emptied` by then offer none.
    """
    every = versioned_pools(standing.resolved, standing.catalog)
    pools = [facts for facts in every if nodes_of(facts.pool)[1] and facts.pool.name not in emptied]
    ours = [sum(facts.offers.values()) for facts in pools if facts.pool.ami.family != "bottlerocket" and not facts.dra]
    away = max(ours, default=0)
    if not away:
        return None
    now = sum(nodes_of(facts.pool)[1] * sum(facts.offers.values()) for facts in pools)
    return GpuCapacity(now, now - away, minimum_gpus(standing.resolved.environment, standing.catalog))


def plugin_blocks(standing: Standing, capacity: GpuCapacity | None) -> Iterator[str]:
    """Why the plugin may not restart now: a minimum that the environment declares would not hold."""
    declared = standing.resolved.environment.gpu_baseline.health.minimum_gpus is not None
    if declared and capacity is not None and capacity.lowest < capacity.minimum:
        yield (
            f"{capacity.lowest} GPUs would be left while the largest node's plugin restarts, below the minimum of "
            f"{capacity.minimum}: set size.desired of pools that are empty or small again first"
        )
