"""A node whose GPUs or system are not those that its pool declares is found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bedplate.environment.declared import differences
from bedplate.environment.gates import GateResult, Observed, judge

DECLARED = {
    "nvidia.com/device-plugin.config": "exclusive",
    "nvidia.com/gpu.product": "NVIDIA-L40S",
    "nvidia.com/gpu.family": "ada-lovelace",
    "nvidia.com/gpu.count": "4",
    "nvidia.com/gpu.memory": "45455",
    "nvidia.com/gpu.replicas": "1",
    "nvidia.com/gpu.sharing-strategy": "none",
}
FOUND = {
    **DECLARED,
    "nvidia.com/gpu.memory": "46068",
    "nvidia.com/cuda.driver-version.full": "580.159.03",
    "nvidia.com/gfd.timestamp": "1",
}
OS = {"name": "ubuntu", "version": "24.04", "kernel": "6.8.0-86-generic"}


def node(
    labels: Mapping[str, str] | None = None,
    *,
    offers: Mapping[str, str] | None = None,
    driver: str = "",
    info: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    annotations = {"bedplate.dev/os": json.dumps(OS)} if info is not None else {}
    return {
        "metadata": {
            "name": "a",
            "labels": DECLARED if labels is None else labels,
            "annotations": annotations | ({"bedplate.dev/driver": driver} if driver else {}),
        },
        "status": {
            "capacity": {"cpu": "8", "nvidia.com/gpu": "4"} if offers is None else offers,
            "nodeInfo": {"kernelVersion": OS["kernel"], "osImage": "Ubuntu 24.04.2 LTS", **(info or {})},
        },
    }


def test_a_node_that_is_what_it_should_be_has_no_differences() -> None:
    assert list(differences(node(info={}, driver="580.159.03"), FOUND)) == []


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"nvidia.com/gpu.product": "NVIDIA-L40"},
            "has nvidia.com/gpu.product NVIDIA-L40, and NVIDIA-L40S is declared",
        ),
        ({"nvidia.com/gpu.count": "3"}, "has nvidia.com/gpu.count 3, and 4 is declared"),
        ({"nvidia.com/gpu.family": "hopper"}, "has nvidia.com/gpu.family hopper, and ada-lovelace is declared"),
        (
            {"nvidia.com/cuda.driver-version.full": "570.211.01"},
            "carries driver 570.211.01, and 580.159.03 is declared",
        ),
    ],
)
def test_what_discovery_finds_otherwise_is_said(changed: dict[str, str], text: str) -> None:
    assert list(differences(node(driver="580.159.03"), FOUND | changed)) == [f"a {text}"]


def test_a_branch_is_met_by_any_driver_of_it_and_no_other() -> None:
    assert list(differences(node(driver="580"), FOUND)) == []
    assert list(differences(node(driver="58"), FOUND)) == ["a carries driver 580.159.03, and 58 is declared"]


def test_a_node_on_which_discovery_finds_nothing_lacks_its_gpus() -> None:
    found = {"nvidia.com/gfd.timestamp": "1"}
    assert list(differences(node(), found)) == ["a shows no GPU to discovery, and NVIDIA-L40S is declared"]


@pytest.mark.parametrize(
    ("labels", "offers", "text"),
    [
        (DECLARED, {"nvidia.com/gpu": "3"}, "offers 3 nvidia.com/gpu, and 4 are declared"),
        (DECLARED, {}, "offers 0 nvidia.com/gpu, and 4 are declared"),
        (
            DECLARED | {"nvidia.com/gpu.replicas": "2"},
            {"nvidia.com/gpu": "4"},
            "offers 4 nvidia.com/gpu, and 8 are declared",
        ),
        (
            {"nvidia.com/gpu.count": "1", "nvidia.com/gpu.replicas": "0", "nvidia.com/mig-1g.10gb.count": "7"},
            {"nvidia.com/mig-1g.10gb": "6"},
            "offers 6 nvidia.com/mig-1g.10gb, and 7 are declared",
        ),
    ],
)
def test_a_node_that_offers_other_devices_than_declared_is_named(
    labels: dict[str, str], offers: dict[str, str], text: str
) -> None:
    assert list(differences(node(labels, offers=offers), None)) == [f"a {text}"]


def test_gpus_that_pods_claim_are_not_looked_for_among_what_the_kubelet_counts() -> None:
    assert list(differences(node(DECLARED | {"bedplate.dev/device-path": "dra"}, offers={}), None)) == []


@pytest.mark.parametrize(
    ("info", "text"),
    [
        ({"kernelVersion": "6.8.0-87-generic"}, "runs kernel 6.8.0-87-generic, and 6.8.0-86-generic is declared"),
        ({"osImage": "Ubuntu 22.04.5 LTS"}, "runs Ubuntu 22.04.5 LTS, and ubuntu 24.04 is declared"),
        ({"osImage": "Ubuntu 124.04"}, "runs Ubuntu 124.04, and ubuntu 24.04 is declared"),
    ],
)
def test_another_kernel_or_system_than_the_stated_one_is_said(info: dict[str, str], text: str) -> None:
    assert list(differences(node(info=info), None)) == [f"a {text}"]


def gate(name: str, *nodes: dict[str, Any], discovered: dict[str, dict[str, str]] | None = None) -> GateResult:
    (only,) = judge([name], Observed(nodes=nodes, daemon_sets=None, discovered=discovered), minimum=0)
    return only


def test_the_gate_opens_where_every_node_is_as_declared_and_discovery_does_not_run() -> None:
    assert gate("nodesAsDeclared", node()).verdict == "open"


def test_the_gate_is_unknown_until_discovery_has_looked_at_every_node_that_it_runs_on() -> None:
    found = gate("nodesAsDeclared", node(), discovered={})
    assert (found.verdict, found.reasons) == ("unknown", ("GPU feature discovery says nothing of a",))
    assert gate("nodesAsDeclared", node({}), discovered={}).verdict == "open", "an image with agents of its own"
    assert gate("nodesAsDeclared", node(), discovered={"a": FOUND}).verdict == "open"


def test_one_wrong_node_closes_the_gate_also_while_others_are_unknown() -> None:
    found = gate("nodesAsDeclared", node(offers={}), discovered={})
    assert (found.verdict, found.reasons) == ("closed", ("a offers 0 nvidia.com/gpu, and 4 are declared",))


@pytest.mark.parametrize(
    ("state", "verdict", "reasons"),
    [
        ("upgrade-done", "open", ()),
        ("pod-restart-required", "closed", ("the driver of a is at pod-restart-required",)),
        ("upgrade-failed", "closed", ("the driver of a is at upgrade-failed",)),
        ("", "unknown", ("the GPU Operator says nothing of a",)),
    ],
)
def test_drivers_are_installed_when_the_operator_says_so_of_every_node(
    state: str, verdict: str, reasons: tuple[str, ...]
) -> None:
    labels = {"bedplate.dev/driver-from": "operator"} | (
        {"nvidia.com/gpu-driver-upgrade-state": state} if state else {}
    )
    found = gate("driversInstalled", node(labels), node({}))
    assert (found.verdict, found.reasons) == (verdict, reasons)
