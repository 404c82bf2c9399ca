"""How a pool's nodes are replaced: by EKS, or by Karpenter where they are not as their pool says any more."""

from __future__ import annotations

import math

from components.karpenter.spec import KarpenterPoolSpec
from components.node_pool.spec import NodePoolSpec

AnyPool = NodePoolSpec | KarpenterPoolSpec
# What Karpenter's API sets where a NodePool has no budget of its own.
_DEFAULT_BUDGET = "10%"


def is_canary(pool: AnyPool) -> bool:
    """Whether the environment wants the pool to go first."""
    return isinstance(pool, NodePoolSpec) and pool.update.canary


def new_first(pool: AnyPool) -> bool:
    """Whether the new node comes before the old one goes. Karpenter always does it so."""
    return isinstance(pool, KarpenterPoolSpec) or pool.update.strategy == "launchFirst"


def at_once(pool: AnyPool) -> int:
    """Nodes of the pool, of those that are always there, that are replaced together; 1 where there are none.

    How EKS rounds a part of the pool is not stated: taken upwards, as Karpenter does. Of Karpenter's budgets those that
    always hold count: the others only make it wait.
    """
    if isinstance(pool, KarpenterPoolSpec):
        nodes = pool.replicas or 0
        always = [
            budget.nodes
            for budget in pool.disruption.budgets
            if budget.schedule is None and (not budget.reasons or "drifted" in budget.reasons)
        ]
        return max(1, min(_part(text, nodes) for text in always or [_DEFAULT_BUDGET]))
    desired = pool.size.desired
    if pool.update.max_unavailable_percent is not None:
        return max(1, math.ceil(desired * pool.update.max_unavailable_percent / 100))
    return min(pool.update.max_unavailable or 1, max(desired, 1))


def _part(text: str, nodes: int) -> int:
    return math.ceil(nodes * int(text.removesuffix("%")) / 100) if text.endswith("%") else int(text)
