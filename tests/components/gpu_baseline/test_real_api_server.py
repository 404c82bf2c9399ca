"""A real API server takes every object of the GPU agents as it is: no field is unknown, no value is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bedplate.catalog.mig import Partition
from bedplate.cli.observing import look
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import as_object, portable_manifest
from components.gpu_baseline.component import GpuBaseline
from components.gpu_baseline.spec import GpuBaselineSpec
from tests.components.gpu_baseline.test_dra import MIXED, claimed
from tests.components.gpu_baseline.test_gpu_baseline import IMAGES, pool
from tests.components.recording import Stage, record_on_stage
from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.manifests import has_condition
from tests.support.environments import ROOT
from tests.support.polling import poll

pytestmark = pytest.mark.cluster

DEADLINE = 60.0
DEFINITIONS = "apiextensions.k8s.io/v1"

SEVENTHS = Partition({"1g.10gb": 7}, "single", {"1g.10gb": 9984})
HEALTH = {"gates": ["nodesReady", "nodesAsDeclared", "noXid"], "prometheus": "http://prometheus.monitoring:9090"}
SPEC = {
    "driverMinimum": "580",
    "cudaMinimum": "13.0",
    "featureDiscovery": "compare",
    "metrics": ["default", "health"],
    "health": HEALTH,
}
LABELS = {"nvidia.com/gpu.product": "NVIDIA-L4", "nvidia.com/gpu.count": "1"}


def every_agent() -> Graph:
    """Whole GPUs, shared ones, GPUs that MIG splits, claimed ones and nodes with EFA: every agent there is."""

    def program(stage: Stage) -> None:
        whole, shared, split = pool(stage, "whole", efa=True), pool(stage, "shared", shares=4), pool(stage, "split")
        assert split.gpu is not None
        split = replace(split, gpu=replace(split.gpu, partition=SEVENTHS), device_plugin_config="mig-single")
        spec = GpuBaselineSpec.model_validate(SPEC)
        pools = [whole, shared, split, claimed(stage, "claimed"), claimed(stage, "claimed-split", MIXED)]
        GpuBaseline("gpu", spec, images=IMAGES, pools=pools, minimum_gpus=8, opts=stage.opts)

    return record_on_stage(program)


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as made:
        made.start()
        yield made


@pytest.fixture
def client(plane: ControlPlane) -> KubeClient:
    return plane.client


def test_every_object_is_taken_whole(client: KubeClient) -> None:
    objects = [as_object(item) for item in every_agent().creation_order if item.is_kubernetes]
    assert {item.kind for item in objects} >= {
        "ClusterRole",
        "ClusterRoleBinding",
        "DaemonSet",
        "DeviceClass",
        "NetworkPolicy",
    }
    for item in objects:
        client.apply(portable_manifest(item))
    made = {item["metadata"]["name"] for item in client.objects("apps/v1", "DaemonSet", "gpu-system")}
    assert made == {item.name for item in objects if item.kind == "DaemonSet"}


def test_what_discovery_finds_is_kept_and_read_for_the_gate(plane: ControlPlane, client: KubeClient) -> None:
    definition = "nodefeatures.nfd.k8s-sigs.io"
    poll(
        definition,
        lambda: has_condition(client.get(DEFINITIONS, "CustomResourceDefinition", definition), "Established"),
        DEADLINE,
    )
    found = {
        "apiVersion": "nfd.k8s-sigs.io/v1alpha1",
        "kind": "NodeFeature",
        "metadata": {
            "name": "nvidia-features-for-a",
            "namespace": "gpu-system",
            "labels": {"nfd.node.kubernetes.io/node-name": "a"},
        },
        "spec": {"features": {"attributes": {}, "flags": {}, "instances": {}}, "labels": LABELS},
    }
    client.apply(found)
    environment = load(ROOT, "prod").environment
    assert look(environment, plane.kubeconfig, None).health.discovered == {"a": LABELS}
