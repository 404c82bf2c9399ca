"""Inputs of an EKS node group that say how it updates, repairs and keeps nodes warm. Pure."""

from __future__ import annotations

import pulumi_aws as aws

from components.node_fields import TaintSpec
from components.node_pool.options import RepairOverrideSpec, RepairSpec, UpdateSpec, WarmPoolSpec

CAPACITY_TYPES = {"onDemand": "ON_DEMAND", "spot": "SPOT", "capacityBlock": "CAPACITY_BLOCK"}
TAINT_EFFECTS = {"NoSchedule": "NO_SCHEDULE", "NoExecute": "NO_EXECUTE", "PreferNoSchedule": "PREFER_NO_SCHEDULE"}
UPDATE_STRATEGIES = {"launchFirst": "DEFAULT", "terminateFirst": "MINIMAL"}
REPAIR_ACTIONS = {"replace": "Replace", "reboot": "Reboot", "none": "NoAction"}
WARM_STATES = {"stopped": "STOPPED", "running": "RUNNING", "hibernated": "HIBERNATED"}


def taint(spec: TaintSpec) -> aws.eks.NodeGroupTaintArgs:
    """A taint as EKS spells it."""
    return aws.eks.NodeGroupTaintArgs(key=spec.key, value=spec.value or None, effect=TAINT_EFFECTS[spec.effect])


def update_config(spec: UpdateSpec) -> aws.eks.NodeGroupUpdateConfigArgs:
    """How many nodes may be missing during an update, 1 unless the spec says more, and which comes first."""
    percent = spec.max_unavailable_percent
    return aws.eks.NodeGroupUpdateConfigArgs(
        max_unavailable=None if percent else spec.max_unavailable or 1,
        max_unavailable_percentage=percent,
        update_strategy=UPDATE_STRATEGIES[spec.strategy],
    )


def repair_config(spec: RepairSpec) -> aws.eks.NodeGroupNodeRepairConfigArgs:
    """What is done about unhealthy nodes. What the spec leaves open stays out: EKS has rules of its own for it."""
    return aws.eks.NodeGroupNodeRepairConfigArgs(
        enabled=spec.enabled,
        max_unhealthy_node_threshold_count=spec.max_unhealthy_nodes,
        max_unhealthy_node_threshold_percentage=spec.max_unhealthy_percent,
        max_parallel_nodes_repaired_count=spec.max_parallel_nodes,
        max_parallel_nodes_repaired_percentage=spec.max_parallel_percent,
        node_repair_config_overrides=[_override(item) for item in spec.overrides] or None,
    )


def _override(spec: RepairOverrideSpec) -> aws.eks.NodeGroupNodeRepairConfigNodeRepairConfigOverrideArgs:
    return aws.eks.NodeGroupNodeRepairConfigNodeRepairConfigOverrideArgs(
        node_monitoring_condition=spec.condition,
        node_unhealthy_reason=spec.reason,
        min_repair_wait_time_mins=spec.min_wait_minutes,
        repair_action=REPAIR_ACTIONS[spec.action],
    )


def warm_pool_config(spec: WarmPoolSpec | None) -> aws.eks.NodeGroupWarmPoolConfigArgs | None:
    """Nodes that wait; None switches the warm pool off."""
    if spec is None:
        return None
    return aws.eks.NodeGroupWarmPoolConfigArgs(
        min_size=spec.min,
        max_group_prepared_capacity=spec.max_prepared,
        pool_state=WARM_STATES[spec.state],
        reuse_on_scale_in=spec.reuse_on_scale_in,
    )
