"""How many nodes the limits of a Karpenter pool allow. Pure arithmetic, erring upwards where Karpenter may choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bedplate.catalog.hardware import InstanceType
from components.karpenter.spec import KarpenterPoolSpec

# What Karpenter takes the operating system to leave of a machine's memory (VM_MEMORY_OVERHEAD_PERCENT=0.075).
_SEEN_PERMILLE = 925


def limited(pool: KarpenterPoolSpec) -> dict[str, int]:
    """What the pool's limits are about, by resource: nodes, vCPUs, memory in MiB, GPUs."""
    limits = pool.limits
    given = {
        "nodes": limits.nodes,
        "cpu": limits.cpu,
        "memory": None if limits.memory_gib is None else limits.memory_gib * 1024,
        "gpus": limits.gpus,
    }
    return {name: value for name, value in given.items() if value is not None}


def counted(instance: InstanceType) -> Mapping[str, int]:
    """What a node of `instance` takes from limits, at least: of memory no more than what is surely seen of it."""
    memory = instance.memory_mib * _SEEN_PERMILLE // 1000
    return {"nodes": 1, "cpu": instance.vcpus, "memory": memory, "gpus": instance.gpu_count}


def most_of(pool: KarpenterPoolSpec, instance: InstanceType) -> int:
    """The most nodes that the pool can have if all of them are of `instance`."""
    return _most(pool, counted(instance))


def most_nodes(pool: KarpenterPoolSpec, types: Iterable[InstanceType]) -> int:
    """The most nodes that the pool can have, whatever mix of `types` Karpenter starts."""
    if pool.replicas is not None:
        return limited(pool)["nodes"]
    each = [counted(instance) for instance in types]
    return _most(pool, {name: min(item[name] for item in each) for name in each[0]})


def _most(pool: KarpenterPoolSpec, amounts: Mapping[str, int]) -> int:
    bounds = [limit // amounts[name] for name, limit in limited(pool).items() if amounts[name]]
    # A limit of GPUs alone does not bound nodes without any; a cross-check refuses it.
    return min(bounds, default=0)
