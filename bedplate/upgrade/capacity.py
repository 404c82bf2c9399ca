"""GPUs that a step takes away for a while, and the one rule of how many have to stay. Pure.

GPUs count as nodes offer them: shares and MIG instances each, as in the gate minimumGpus.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bedplate.environment.environment import AnyPoolSpec
from bedplate.environment.facts import NodeFacts, node_facts, nodes_of
from bedplate.environment.gates import minimum_gpus
from bedplate.upgrade.standing import Standing
from bedplate.upgrade.steps import GpuCapacity


def pools_with_facts(standing: Standing) -> Iterator[tuple[AnyPoolSpec, NodeFacts]]:
    """Every pool with its hardware, in the order of the environment."""
    for pool in standing.resolved.environment.node_pools:
        facts = node_facts(pool, standing.catalog)
        assert facts is not None  # cross-checked
        yield pool, facts


def gpus_of_a_node(facts: NodeFacts) -> int:
    """What a node offers of its GPUs."""
    return sum(facts.offers.values())


def capacity_without(away: int, standing: Standing, emptied: Collection[str] = ()) -> GpuCapacity:
    """GPUs while `away` of them cannot be given out. Pools that steps before have `emptied` offer none."""
    pools = [(pool, facts) for pool, facts in pools_with_facts(standing) if pool.name not in emptied]
    now = sum(nodes_of(pool)[1] * gpus_of_a_node(facts) for pool, facts in pools)
    return GpuCapacity(now, now - away, minimum_gpus(standing.resolved.environment, standing.catalog))


def too_few(capacity: GpuCapacity | None, standing: Standing, while_: str, remedy: str) -> tuple[str, ...]:
    """Why a step is blocked: the minimum that the environment declares would not hold."""
    if not _declared(standing) or capacity is None or capacity.lowest >= capacity.minimum:
        return ()
    return (f"{capacity.lowest} GPUs would be left while {while_}, below the minimum of {capacity.minimum}: {remedy}",)


def ask_first(capacity: GpuCapacity | None, standing: Standing, while_: str) -> tuple[str, ...]:
    """What people are asked where no minimum is declared: may fewer be left than the fewest nodes of all pools offer?

    Nobody knows then what has to stay, so that nothing is blocked, and nothing is taken for granted.
    """
    if _declared(standing) or capacity is None or capacity.lowest >= capacity.minimum:
        return ()
    return (
        f"make sure that {capacity.lowest} of {capacity.now} GPUs are enough while {while_}; "
        "gpuBaseline.health.minimumGpus says it once and for all",
    )


def _declared(standing: Standing) -> bool:
    return standing.resolved.environment.gpu_baseline.health.minimum_gpus is not None
