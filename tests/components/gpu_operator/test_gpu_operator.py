"""What the GPU Operator is told: drivers and container toolkit for nodes that carry none, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bedplate.graph.graph import Graph
from components.base import NodePoolHandle
from components.gpu_operator.component import GpuOperator
from components.gpu_operator.settings import OperatorImages, PoolDriver
from components.gpu_operator.spec import GpuOperatorSpec
from tests.components.recording import Stage, find, manifest, names, record_on_stage, waits_for

IMAGES = OperatorImages(
    toolkit="example.org/toolkit:v1", validator="example.org/operator:v2", driver_manager="example.org/manager:v3"
)
GPU_TAINT = {"key": "nvidia.com/gpu", "operator": "Equal", "value": "true", "effect": "NoSchedule"}
OWN_TAINT = {"key": "example.org/plant", "operator": "Exists", "effect": "NoSchedule"}


def driver(name: str, *tolerations: dict[str, str]) -> PoolDriver:
    pool = NodePoolHandle(name=name, labels={"bedplate.dev/pool": name}, tolerations=tolerations, operator=True)
    return PoolDriver(pool=pool, version="580.178.04", image="nvcr.io/nvidia/driver:580")


def record(settings: Mapping[str, object] | None = None) -> Graph:
    """The Graph with two pools whose nodes carry no driver."""

    def program(stage: Stage) -> None:
        GpuOperator(
            "operator",
            GpuOperatorSpec.model_validate(settings or {}),
            namespace="gpu-system",
            images=IMAGES,
            drivers=[driver("a", GPU_TAINT), driver("b", GPU_TAINT, OWN_TAINT)],
            after=[stage.cluster],
            opts=stage.opts,
        )

    return record_on_stage(program)


def test_it_installs_the_toolkit_and_leaves_every_agent_of_the_baseline_alone() -> None:
    spec = manifest(record(), "ClusterPolicy", "cluster-policy")["spec"]
    switches = {part: value["enabled"] for part, value in spec.items() if "enabled" in value}
    assert [part for part, on in sorted(switches.items()) if on] == ["driver", "toolkit"]
    assert {part for part, on in switches.items() if not on} >= {
        "dcgmExporter",
        "devicePlugin",
        "gfd",
        "migManager",
    }


def test_pods_get_their_gpus_on_these_nodes_without_naming_a_runtime_class() -> None:
    spec = manifest(record(), "ClusterPolicy", "cluster-policy")["spec"]
    assert spec["toolkit"]["env"] == [{"name": "NVIDIA_RUNTIME_SET_AS_DEFAULT", "value": "true"}]
    assert spec["cdi"] == {"enabled": False}


def test_operands_get_onto_the_nodes_of_every_pool() -> None:
    daemons = manifest(record(), "ClusterPolicy", "cluster-policy")["spec"]["daemonsets"]
    assert daemons["tolerations"] == [OWN_TAINT, GPU_TAINT]


def test_each_pool_has_a_driver_object_that_selects_its_nodes_only() -> None:
    graph = record()
    assert names(graph, "NVIDIADriver") == ["a", "b"]
    spec = manifest(graph, "NVIDIADriver", "b")["spec"]
    assert spec["nodeSelector"] == {"bedplate.dev/pool": "b"}
    assert spec["tolerations"] == [OWN_TAINT, GPU_TAINT]
    assert manifest(graph, "ClusterPolicy", "cluster-policy")["spec"]["driver"]["useNvidiaDriverCRD"] is True


def test_pods_that_need_gpus_wait_until_the_drivers_are_up() -> None:
    metadata = manifest(record(), "NVIDIADriver", "a")["metadata"]
    assert metadata["annotations"]["pulumi.com/waitFor"] == "jsonpath={.status.state}=ready"
    assert metadata["annotations"]["bedplate.dev/driver"] == "580.178.04"


def test_a_driver_is_replaced_on_as_many_nodes_at_once_as_is_asked_for() -> None:
    policy = manifest(record({"nodesAtOnce": 3}), "NVIDIADriver", "a")["spec"]["upgradePolicy"]
    assert (policy["maxParallelUpgrades"], policy["maxUnavailable"]) == (3, 3)
    assert policy["podDeletion"]["deleteEmptyDir"] is True, "weights lie in an emptyDir: their pods could not leave"


@pytest.mark.parametrize(
    ("settings", "precompiled", "sources"),
    [
        ({}, True, None),
        ({"modules": "compiled"}, False, None),
        ({"modules": "compiled", "packageSources": "apt-mirror"}, False, {"name": "apt-mirror"}),
    ],
)
def test_modules_are_precompiled_or_compiled_from_packages(
    settings: dict[str, object], precompiled: bool, sources: dict[str, str] | None
) -> None:
    spec = manifest(record(settings), "NVIDIADriver", "a")["spec"]
    assert (spec["usePrecompiled"], spec.get("repoConfig")) == (precompiled, sources)


@pytest.mark.parametrize(("modules", "rules"), [("precompiled", [443, 6443]), ("compiled", None)])
def test_only_a_driver_that_is_compiled_may_fetch_packages(modules: str, rules: list[int] | None) -> None:
    graph = record({"modules": modules})
    (egress,) = manifest(graph, "NetworkPolicy", "gpu-driver", "gpu-system")["spec"]["egress"]
    assert ([port["port"] for port in egress["ports"]] if "ports" in egress else None) == rules
    for name in ("gpu-operator", "gpu-validator"):
        (egress,) = manifest(graph, "NetworkPolicy", name, "gpu-system")["spec"]["egress"]
        assert [port["port"] for port in egress["ports"]] == [443, 6443]


def test_drivers_come_after_the_settings_that_hand_them_to_their_own_objects() -> None:
    graph = record()
    policy = find(graph, "ClusterPolicy", "cluster-policy").resource
    assert policy.urn in waits_for(graph, find(graph, "NVIDIADriver", "a").resource)
