"""Gates open and close with what the cluster says, and what nobody can tell is never open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bedplate.catalog.catalog import load as catalog
from bedplate.environment.gates import GateResult, Observed, judge, minimum_gpus
from components.gpu_baseline.gates import GATES
from tests.support.environments import dev

XIDS, XID_METRIC = GATES["noXid"].query, GATES["noXid"].metric


def node(
    name: str = "a", *, ready: str = "True", closed: bool = False, accelerators: str = "True", **gpus: int
) -> dict[str, Any]:
    """A node; `gpus` are its resources of NVIDIA, as ``gpu=4``."""
    conditions = [{"type": "Ready", "status": ready}]
    conditions += [{"type": "AcceleratedHardwareReady", "status": accelerators}] if accelerators else []
    allocatable = {f"nvidia.com/{key.replace('_', '-')}": str(count) for key, count in gpus.items()}
    return {
        "metadata": {"name": name},
        "spec": {"unschedulable": True} if closed else {},
        "status": {"conditions": conditions, "allocatable": {"cpu": "8", **allocatable}},
    }


def daemon_set(
    *, generation: int = 2, seen: int = 2, wanted: int = 3, updated: int = 3, ready: int = 3
) -> dict[str, Any]:
    status = {
        "observedGeneration": seen,
        "desiredNumberScheduled": wanted,
        "updatedNumberScheduled": updated,
        "numberReady": ready,
    }
    return {"metadata": {"name": "device-plugin", "generation": generation}, "status": status}


def result(
    name: str,
    *,
    nodes: list[dict[str, Any]] | None = None,
    daemon_sets: list[dict[str, Any]] | None = None,
    minimum: int = 0,
) -> GateResult:
    (only,) = judge([name], Observed(nodes=nodes, daemon_sets=daemon_sets), minimum=minimum)
    return only


def test_ready_nodes_that_take_pods_open_the_gate() -> None:
    assert result("nodesReady", nodes=[node(), node("b")]).verdict == "open"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (node("b", ready="False"), "b is not Ready"),
        (node("b", ready="Unknown"), "b is not Ready"),
        (node("b", closed=True), "b is closed to new pods"),
    ],
)
def test_one_node_that_is_not_closes_it(bad: dict[str, Any], reason: str) -> None:
    found = result("nodesReady", nodes=[node(), bad])
    assert (found.verdict, found.reasons) == ("closed", (reason,))


def test_the_fewest_gpus_are_counted_on_ready_nodes_whatever_they_call_them() -> None:
    nodes = [node(gpu=4), node("b", mig_1g_10gb=2), node("c", gpu=8, ready="False"), node("d", gpu=8, closed=True)]
    assert result("minimumGpus", nodes=nodes, minimum=6).verdict == "open"
    found = result("minimumGpus", nodes=nodes, minimum=7)
    assert (found.verdict, found.reasons) == ("closed", ("ready nodes offer 6 GPUs, fewer than 7",))


def slice_of(node_name: str, devices: int, driver: str = "gpu.nvidia.com") -> dict[str, Any]:
    """What a DRA driver publishes of a node."""
    named = [{"name": f"gpu-{index}"} for index in range(devices)]
    return {"spec": {"driver": driver, "nodeName": node_name, "devices": named}}


def test_gpus_that_pods_claim_are_counted_on_ready_nodes_too() -> None:
    slices = [slice_of("a", 4), slice_of("b", 8), slice_of("a", 9, "dra.net"), slice_of("gone", 8)]
    nodes = [node(gpu=1), node("b", ready="False")]
    (open_at_five,) = judge(["minimumGpus"], Observed(nodes=nodes, daemon_sets=[], slices=slices), minimum=5)
    (closed_at_six,) = judge(["minimumGpus"], Observed(nodes=nodes, daemon_sets=[], slices=slices), minimum=6)
    assert (open_at_five.verdict, closed_at_six.verdict) == ("open", "closed")


def test_claimable_gpus_that_could_not_be_read_leave_the_gate_unknown() -> None:
    (found,) = judge(["minimumGpus"], Observed(nodes=[node(gpu=9)], daemon_sets=[], slices=None), minimum=1)
    assert (found.verdict, found.reasons) == ("unknown", ("the ResourceSlices could not be read",))


def test_no_nodes_at_all_offer_nothing() -> None:
    assert result("minimumGpus", nodes=[], minimum=1).verdict == "closed"


def test_a_broken_accelerator_closes_the_gate() -> None:
    found = result("acceleratorsReady", nodes=[node(), node("b", accelerators="False")])
    assert (found.verdict, found.reasons) == ("closed", ("accelerators of b are not ready",))


@pytest.mark.parametrize("accelerators", ["", "Unknown"])
def test_a_node_that_says_nothing_of_its_accelerators_leaves_the_gate_unknown(accelerators: str) -> None:
    assert result("acceleratorsReady", nodes=[node(), node("b", accelerators=accelerators)]).verdict == "unknown"


def test_agents_are_ready_when_every_pod_is_of_the_newest_template() -> None:
    assert result("agentsReady", daemon_sets=[daemon_set(), daemon_set()]).verdict == "open"


@pytest.mark.parametrize(
    ("behind", "words"),
    [
        (daemon_set(seen=1), "has a template that its controller has not seen"),
        (daemon_set(updated=2), "has updated 2 of 3 pods"),
        (daemon_set(ready=1), "has 1 of 3 pods ready"),
    ],
)
def test_an_agent_that_is_behind_closes_the_gate(behind: dict[str, Any], words: str) -> None:
    found = result("agentsReady", daemon_sets=[daemon_set(), behind])
    assert (found.verdict, found.reasons) == ("closed", (f"DaemonSet device-plugin {words}",))


def test_agents_that_are_not_there_are_not_ready_agents() -> None:
    assert result("agentsReady", daemon_sets=[]).verdict == "unknown"
    assert result("agentsReady", daemon_sets=None).verdict == "unknown"


@pytest.mark.parametrize(("series", "verdict"), [({XIDS: 0}, "open"), ({XIDS: 2}, "closed"), ({}, "unknown")])
def test_prometheus_tells_by_the_number_of_series(series: Mapping[str, int], verdict: str) -> None:
    seen = Observed(nodes=[node()], daemon_sets=None, series=series, heard={XID_METRIC: {"a"}})
    (found,) = judge(["noXid"], seen, minimum=0)
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("heard", "verdict", "reasons"),
    [
        ({XID_METRIC: {"a", "b"}}, "open", ()),
        ({XID_METRIC: {"a"}}, "unknown", ("Prometheus has no DCGM_FI_DEV_XID_ERRORS of b",)),
        ({XID_METRIC: set()}, "unknown", ("Prometheus has no DCGM_FI_DEV_XID_ERRORS of a, b",)),
        ({XID_METRIC: {""}}, "open", ()),
        ({}, "unknown", (f"Prometheus gave no answer to {XIDS}",)),
    ],
)
def test_no_failure_is_told_where_an_exporter_is_silent(
    heard: Mapping[str, set[str]], verdict: str, reasons: tuple[str, ...]
) -> None:
    seen = Observed(nodes=[node(), node("b")], daemon_sets=None, series={XIDS: 0}, heard=heard)
    (found,) = judge(["noXid"], seen, minimum=0)
    assert (found.verdict, found.reasons) == (verdict, reasons)


@pytest.mark.parametrize("name", [name for name, gate in GATES.items() if gate.told_by == "nodes"])
def test_without_nodes_to_look_at_nothing_is_known(name: str) -> None:
    assert result(name, nodes=None).verdict == "unknown"


def test_the_fewest_gpus_of_an_environment_follow_from_its_pools() -> None:
    # One L4 at least, shared by four.
    assert minimum_gpus(dev().environment, catalog()) == 4
