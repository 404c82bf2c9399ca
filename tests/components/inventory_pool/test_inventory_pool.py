"""Labels on machines that somebody else made: which ones, on which nodes, and what is only stated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bedplate.catalog.mig import Partition
from bedplate.graph.graph import Graph
from components.base import GpuFacts, NodePoolHandle
from components.inventory_pool.component import InventoryPool, describe_inventory_pool
from components.inventory_pool.spec import InventoryPoolSpec
from tests.components.recording import Stage, manifest, names, record_on_stage

L40S = GpuFacts(product="NVIDIA-L40S", family="ada-lovelace", count=4, memory_mib=46068)
SEVENTHS = Partition({"1g.10gb": 7}, "single", {"1g.10gb": 9984})
H100 = GpuFacts(product="NVIDIA-H100", family="hopper", count=8, memory_mib=81559, partition=SEVENTHS)
TAINT = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
UBUNTU = {"name": "ubuntu", "version": "24.04", "kernel": "6.8.0-86-generic"}
WITH_DRIVER = {"driver": "580.159.03"}
WITHOUT_DRIVER = {"driver": "none", "os": UBUNTU}


def pool(**fields: Any) -> InventoryPoolSpec:
    """Two machines for inference; `fields` add to their entry."""
    entry = {"name": "hall", "provisioner": "inventory", "role": "inference", "server": "hpe-dl380a-gen11-l40s"}
    return InventoryPoolSpec.model_validate({**entry, "nodes": ["gpu-01", "gpu-02"], **fields})


def record(spec: InventoryPoolSpec, gpu: GpuFacts | None = None, *, beside_operator: bool = False) -> Graph:
    """The Graph of one pool."""

    def program(stage: Stage) -> None:
        InventoryPool("hall", spec, gpu=gpu, beside_operator=beside_operator, opts=stage.opts)

    return record_on_stage(program)


def labels(spec: InventoryPoolSpec, gpu: GpuFacts | None = None, *, beside_operator: bool = False) -> dict[str, str]:
    """Labels of the first node."""
    made: dict[str, str] = metadata(record(spec, gpu, beside_operator=beside_operator))["labels"]
    return made


def metadata(graph: Graph) -> dict[str, Any]:
    """Metadata of the first node."""
    found: dict[str, Any] = manifest(graph, "Node", "gpu-01")["metadata"]
    return found


def test_every_node_is_found_by_name_and_gets_the_labels_of_its_pool() -> None:
    graph = record(pool(labels={"example.org/rack": "a"}))
    assert names(graph, "Node") == ["gpu-01", "gpu-02"]
    assert metadata(graph)["labels"] == {
        "bedplate.dev/pool": "hall",
        "bedplate.dev/role": "inference",
        "bedplate.dev/server": "hpe-dl380a-gen11-l40s",
        "example.org/rack": "a",
    }


def test_what_bedplate_relies_on_wins_over_labels_of_the_entry() -> None:
    assert labels(pool(labels={"bedplate.dev/role": "system"}))["bedplate.dev/role"] == "inference"


def test_nothing_of_a_node_is_written_but_labels_and_annotations() -> None:
    graph = record(pool(taints=[TAINT], **WITH_DRIVER), L40S)
    assert set(manifest(graph, "Node", "gpu-01")) == {"apiVersion", "kind", "metadata"}
    assert set(metadata(graph)) == {"name", "labels", "annotations"}


def test_taints_driver_and_operating_system_are_stated_for_whoever_compares() -> None:
    annotations = metadata(record(pool(taints=[TAINT], os=UBUNTU, **WITH_DRIVER), L40S))["annotations"]
    assert json.loads(annotations["bedplate.dev/taints"]) == [TAINT]
    assert json.loads(annotations["bedplate.dev/os"]) == UBUNTU
    assert annotations["bedplate.dev/driver"] == "580.159.03"


def test_labels_that_were_set_by_hand_are_taken_over() -> None:
    assert metadata(record(pool()))["annotations"]["pulumi.com/patchForce"] == "true"


def test_shared_gpus_are_described_and_the_device_plugin_is_asked_to_share_them() -> None:
    found = labels(pool(sharing={"timeSlicing": {"replicas": 4}}, **WITH_DRIVER), L40S)
    assert found["nvidia.com/device-plugin.config"] == "timeslicing-4"
    assert (found["nvidia.com/gpu.count"], found["nvidia.com/gpu.replicas"]) == ("4", "4")


def test_the_mig_manager_is_asked_to_split_gpus() -> None:
    found = labels(pool(sharing={"mig": {"profile": "1g.10gb"}}, **WITH_DRIVER), H100)
    assert found["nvidia.com/mig.config"] == SEVENTHS.config
    assert found["nvidia.com/device-plugin.config"] == "mig-single"


def test_claimed_gpus_are_offered_by_no_device_plugin() -> None:
    found = labels(pool(devicePath="dra", **WITH_DRIVER), L40S)
    assert found["bedplate.dev/device-path"] == "dra"
    assert "nvidia.com/device-plugin.config" not in found


def test_beside_the_gpu_operator_a_node_with_a_driver_is_left_alone() -> None:
    found = labels(pool(**WITH_DRIVER), L40S, beside_operator=True)
    assert found["nvidia.com/gpu.deploy.operands"] == "false"
    assert "feature.node.kubernetes.io/kernel-version.full" not in found


def test_a_node_without_a_driver_says_which_kernel_the_operator_needs_one_for() -> None:
    found = labels(pool(**WITHOUT_DRIVER), L40S, beside_operator=True)
    assert found["feature.node.kubernetes.io/pci-10de.present"] == "true"
    assert found["feature.node.kubernetes.io/kernel-version.full"] == "6.8.0-86-generic"
    assert found["feature.node.kubernetes.io/system-os_release.VERSION_ID.major"] == "24"
    assert found["nvidia.com/device-plugin.config"] == "exclusive-operator"


def test_a_machine_without_gpus_has_nothing_that_the_operator_looks_for() -> None:
    found = labels(pool(), beside_operator=True)
    assert [key for key in found if not key.startswith("bedplate.dev/")] == []
    assert found


@pytest.mark.parametrize("fields", [WITH_DRIVER, WITHOUT_DRIVER], ids=["driver", "no driver"])
def test_a_described_pool_asks_for_the_agents_that_its_nodes_are_labelled_for(fields: dict[str, Any]) -> None:
    spec = pool(taints=[TAINT], **fields)
    handle: NodePoolHandle = describe_inventory_pool(spec, L40S)
    assert handle.device_plugin_config == labels(spec, L40S)["nvidia.com/device-plugin.config"]
    assert handle.operator == (fields is WITHOUT_DRIVER)
    assert handle.tolerations == ({"operator": "Equal", **TAINT},)
    assert handle.ready == ()
