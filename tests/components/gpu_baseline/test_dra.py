"""Where pods claim GPUs, the DRA driver runs in place of the device plugin, with rights of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bedplate.catalog.mig import Partition
from bedplate.graph.graph import Graph
from components.base import NodePoolHandle
from components.gpu_baseline.component import GpuBaseline
from components.gpu_baseline.quotas import quota_names
from components.gpu_baseline.spec import GpuBaselineSpec
from tests.components.gpu_baseline.test_gpu_baseline import IMAGES, pool
from tests.components.recording import Stage, find, manifest, names, record_on_stage, waits_for

MIXED = Partition({"1g.10gb": 2, "3g.40gb": 1}, "mixed", {"1g.10gb": 9984, "3g.40gb": 40320})


def claimed(stage: Stage, name: str, partition: Partition | None = None) -> NodePoolHandle:
    """A pool whose GPUs, or the instances that `partition` makes of them, are claimed."""
    counted = pool(stage, name)
    assert counted.gpu is not None
    return replace(counted, gpu=replace(counted.gpu, partition=partition), device_plugin_config="", dra=True)


def record(*, counted: bool = False, split: bool = False) -> Graph:
    """The agents of a pool with claims, beside one whose GPUs are counted, and one of split GPUs with claims."""

    def program(stage: Stage) -> None:
        pools = [claimed(stage, "claimed")]
        pools += [pool(stage, "counted")] if counted else []
        pools += [claimed(stage, "split", MIXED)] if split else []
        spec = GpuBaselineSpec.model_validate({"driverMinimum": "580"})
        GpuBaseline("gpu", spec, images=IMAGES, pools=pools, minimum_gpus=1, opts=stage.opts)

    return record_on_stage(program)


def terms(graph: Graph, daemon_set: str) -> list[Any]:
    """Keys that nodes of an agent must have, or not have."""
    pod = manifest(graph, "DaemonSet", daemon_set, "gpu-system")["spec"]["template"]["spec"]
    affinity = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    (term,) = affinity["nodeSelectorTerms"]
    return [(each["key"], each["operator"], *each.get("values", ())) for each in term["matchExpressions"]]


def test_the_driver_runs_where_gpus_are_claimed_and_no_device_plugin_does() -> None:
    graph = record()
    assert names(graph, "DaemonSet") == ["dcgm-exporter", "dra-driver"]
    assert ("bedplate.dev/device-path", "In", "dra") in terms(graph, "dra-driver")


def test_both_paths_run_side_by_side_on_nodes_of_their_own() -> None:
    graph = record(counted=True)
    assert names(graph, "DaemonSet") == ["dcgm-exporter", "device-plugin-exclusive", "dra-driver"]
    plugin = manifest(graph, "DaemonSet", "device-plugin-exclusive", "gpu-system")["spec"]["template"]["spec"]
    assert plugin["nodeSelector"] == {"nvidia.com/device-plugin.config": "exclusive"}


def test_on_split_gpus_the_driver_waits_for_the_split_and_the_manager_for_the_driver() -> None:
    graph = record(split=True)
    assert "mig-manager" in names(graph, "DaemonSet")
    assert ("nvidia.com/mig.config.state", "In", "success") in terms(graph, "dra-driver-mig")
    assert ("nvidia.com/mig.config", "DoesNotExist") in terms(graph, "dra-driver")
    template = manifest(graph, "DaemonSet", "dra-driver-mig", "gpu-system")["spec"]["template"]
    assert template["metadata"]["labels"]["app"] == "nvidia-device-plugin-daemonset"


def test_every_kind_of_device_has_a_class_and_none_takes_requests_for_counted_gpus() -> None:
    graph = record(split=True)
    assert names(graph, "DeviceClass") == ["gpu.nvidia.com", "mig-1g.10gb.bedplate.dev", "mig-3g.40gb.bedplate.dev"]
    spec = manifest(graph, "DeviceClass", "mig-3g.40gb.bedplate.dev")["spec"]
    assert "extendedResourceName" not in spec
    assert spec["selectors"][0]["cel"]["expression"] == (
        "device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'mig'"
        " && device.attributes['gpu.nvidia.com'].profile == '3g.40gb'"
    )


def test_a_driver_speaks_for_its_own_node_only() -> None:
    graph = record()
    spec = manifest(graph, "ValidatingAdmissionPolicy", "bedplate-own-resource-slices")["spec"]
    (condition,) = spec["matchConditions"]
    assert '"system:serviceaccount:gpu-system:dra-driver"' in condition["expression"]
    binding = find(graph, "ValidatingAdmissionPolicyBinding", "bedplate-own-resource-slices")
    assert binding.resource.urn in waits_for(graph, find(graph, "DaemonSet", "dra-driver", "gpu-system").resource)


def test_without_claims_there_is_neither_driver_nor_class() -> None:
    def program(stage: Stage) -> None:
        spec = GpuBaselineSpec.model_validate({"driverMinimum": "580"})
        GpuBaseline("gpu", spec, images=IMAGES, pools=[pool(stage, "a")], minimum_gpus=1, opts=stage.opts)

    graph = record_on_stage(program)
    assert (names(graph, "DeviceClass"), names(graph, "ValidatingAdmissionPolicy")) == ([], [])


def test_quotas_name_classes_where_devices_are_claimed_and_resources_where_they_are_counted() -> None:
    found: list[tuple[str, ...]] = []

    def program(stage: Stage) -> None:
        counted = pool(stage, "counted")
        assert counted.gpu is not None
        by_profile = replace(counted, gpu=replace(counted.gpu, partition=MIXED), device_plugin_config="mig-mixed")
        found.append(quota_names([claimed(stage, "claimed"), by_profile]))

    record_on_stage(program)
    instances = ("requests.nvidia.com/mig-1g.10gb", "requests.nvidia.com/mig-3g.40gb")
    assert found == [(*instances, "gpu.nvidia.com.deviceclass.resource.k8s.io/devices")]
