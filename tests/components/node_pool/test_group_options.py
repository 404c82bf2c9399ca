"""Update, repair and warm pools as EKS takes them, and what it would refuse."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from components.node_pool import group_options
from tests.components.node_pool.graphs import node_group
from tests.components.node_pool.pools import pool_spec
from tests.support.service_models import enum

OVERRIDE = {"condition": "AcceleratedHardwareReady", "reason": "NvidiaXID64Error"}


VALUES = {
    "CapacityTypes": group_options.CAPACITY_TYPES,
    "TaintEffect": group_options.TAINT_EFFECTS,
    "NodegroupUpdateStrategies": group_options.UPDATE_STRATEGIES,
    "RepairAction": group_options.REPAIR_ACTIONS,
    "WarmPoolState": group_options.WARM_STATES,
}


def plain(value: Any) -> Any:
    """A part of a Graph as plain data."""
    if hasattr(value, "items"):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("shape", VALUES)
def test_every_value_is_one_that_eks_knows_and_none_of_its_values_is_left_out(shape: str) -> None:
    assert tuple(sorted(VALUES[shape].values())) == enum("eks", shape)


def test_one_node_may_be_missing_during_an_update_and_the_new_one_comes_first() -> None:
    assert plain(node_group().inputs["updateConfig"]) == {"maxUnavailable": 1, "updateStrategy": "DEFAULT"}


def test_more_nodes_may_be_missing_counted_or_in_per_cent() -> None:
    scarce = {"maxUnavailable": 3, "strategy": "terminateFirst"}

    assert plain(node_group(update=scarce).inputs["updateConfig"]) == {"maxUnavailable": 3, "updateStrategy": "MINIMAL"}
    assert plain(node_group(update={"maxUnavailablePercent": 25}).inputs["updateConfig"]) == {
        "maxUnavailablePercentage": 25,
        "updateStrategy": "DEFAULT",
    }


def test_a_canary_is_marked() -> None:
    assert plain(node_group(update={"canary": True}).inputs["tags"]) == {"bedplate:canary": "true"}
    assert "tags" not in node_group().inputs


def test_unhealthy_nodes_are_repaired_by_eks_s_own_rules() -> None:
    assert plain(node_group().inputs["nodeRepairConfig"]) == {"enabled": True}
    assert plain(node_group(repair={"enabled": False}).inputs["nodeRepairConfig"]) == {"enabled": False}


def test_repair_stops_and_spreads_as_the_spec_says() -> None:
    by_count = {"maxUnhealthyNodes": 2, "maxParallelNodes": 1}
    by_part = {"maxUnhealthyPercent": 30, "maxParallelPercent": 10}

    assert plain(node_group(repair=by_count).inputs["nodeRepairConfig"]) == {
        "enabled": True,
        "maxUnhealthyNodeThresholdCount": 2,
        "maxParallelNodesRepairedCount": 1,
    }
    assert plain(node_group(repair=by_part).inputs["nodeRepairConfig"]) == {
        "enabled": True,
        "maxUnhealthyNodeThresholdPercentage": 30,
        "maxParallelNodesRepairedPercentage": 10,
    }


@pytest.mark.parametrize(("action", "eks"), [("replace", "Replace"), ("reboot", "Reboot"), ("none", "NoAction")])
def test_an_override_has_all_four_parts_that_eks_asks_for(action: str, eks: str) -> None:
    override = {**OVERRIDE, "minWaitMinutes": 5, "action": action}
    (made,) = node_group(repair={"overrides": [override]}).inputs["nodeRepairConfig"]["nodeRepairConfigOverrides"]

    assert plain(made) == {
        "nodeMonitoringCondition": "AcceleratedHardwareReady",
        "nodeUnhealthyReason": "NvidiaXID64Error",
        "minRepairWaitTimeMins": 5,
        "repairAction": eks,
    }


@pytest.mark.parametrize("missing", ["condition", "reason", "minWaitMinutes", "action"])
def test_no_part_of_an_override_may_be_missing(missing: str) -> None:
    whole = {**OVERRIDE, "minWaitMinutes": 5, "action": "replace"}
    override = {key: value for key, value in whole.items() if key != missing}

    with pytest.raises(ValidationError, match=missing):
        pool_spec(repair={"overrides": [override]})


@pytest.mark.parametrize(
    ("state", "eks"), [("stopped", "STOPPED"), ("running", "RUNNING"), ("hibernated", "HIBERNATED")]
)
def test_nodes_wait_in_the_state_of_the_spec(state: str, eks: str) -> None:
    warm = {"min": 1, "maxPrepared": 3, "state": state, "reuseOnScaleIn": True}

    assert plain(node_group(warmPool=warm).inputs["warmPoolConfig"]) == {
        "minSize": 1,
        "maxGroupPreparedCapacity": 3,
        "poolState": eks,
        "reuseOnScaleIn": True,
    }


def test_without_a_warm_pool_none_is_configured() -> None:
    assert "warmPoolConfig" not in node_group().inputs
