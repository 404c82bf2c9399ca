"""A pool moves from counted to claimed GPUs, for real: engine, API server, scheduler, KServe and the simulated driver.

The tests of this module tell one story and run in the order in which they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bedplate.cli.pipeline import derived
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import kubernetes_objects, portable_manifest
from bedplate.graph.values import Json, thaw
from tests.cluster.platform import Platform, platform
from tests.cluster.test_apply import ALLOWED, SERVICES, pods
from tests.support.api_defaults import with_api_defaults
from tests.support.compare import AllowedDifferences, differences
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.manifests import has_condition
from tests.support.environments import read, replaced, repository, write

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.xdist_group("apply")]

API = "resource.k8s.io/v1"
DEV = "environments/dev.yaml"
COUNTED: dict[str, Json] = {
    "nodePools[l4].instanceTypes": ["g6.12xlarge"],
    "nodePools[l4].sharing": None,
    "cost.monthlyBudget": "9000.00",
}
CLAIMED: dict[str, Json] = {
    "nodePools[l4].devicePath": "dra",
    "teams[research].quota": {"gpus": 0, "devices": {"gpu.nvidia.com": 4}, "cpu": "8", "memory": "32Gi", "pods": 20},
}


def edit(root: Path, edits: Mapping[str, Json]) -> None:
    """Give `dev` below `root` other values."""
    data: Json = read(root, DEV)
    for path, value in edits.items():
        data = replaced(data, path, value)
    write(root, DEV, data)


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as made:
        made.start()
        yield made


@pytest.fixture(scope="module")
def place(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The environment with counted GPUs, applied."""
    root = repository(tmp_path_factory.mktemp("claims"))
    edit(root, COUNTED)
    with platform(plane, environments=root / "environments") as made:
        made.apply()
        yield made


@pytest.fixture(scope="module")
def moved(place: Platform) -> dict[str, Any]:
    """What the apply says that gives the pool the other path."""
    edit(place.root, CLAIMED)
    place.commit("claim GPUs")
    return place.apply()


def planned(place: Platform) -> Graph:
    return derived(load(place.root, "dev"))


def test_counted_gpus_come_first(place: Platform, plane: ControlPlane) -> None:
    assert len(pods(plane.client)) == 2
    assert plane.client.objects(API, "ResourceSlice") == []
    (group,) = [name for name in place.sandbox.aws.node_groups() if "l4" in name]
    assert group


def test_services_move_to_new_nodes_and_claim_their_gpus_there(moved: dict[str, Any], plane: ControlPlane) -> None:
    assert moved["operations"]["replace"] >= 1
    services = plane.client.objects(SERVICES, "InferenceService", "research")
    assert all(has_condition(item, "Ready") for item in services)
    (published,) = plane.client.objects(API, "ResourceSlice")
    assert len(published["spec"]["devices"]) == 4
    running = pods(plane.client)
    assert {pod["spec"]["nodeName"] for pod in running} == {published["spec"]["nodeName"]}
    held = [claim["status"]["allocation"] for claim in plane.client.objects(API, "ResourceClaim", "research")]
    devices = {result["device"] for allocation in held for result in allocation["devices"]["results"]}
    assert len(devices) == len(held) == len(running) == 2


@pytest.mark.usefixtures("moved")
def test_nothing_offers_the_gpus_twice(plane: ControlPlane) -> None:
    nodes = plane.client.objects("v1", "Node", label_selector="bedplate.dev/pool=l4")
    assert [node["status"]["allocatable"].get("nvidia.com/gpu", "0") for node in nodes] == ["0"]
    agents = {item["metadata"]["name"] for item in plane.client.objects("apps/v1", "DaemonSet", "gpu-system")}
    assert agents == {"dcgm-exporter", "dra-driver"}


@pytest.mark.usefixtures("moved")
def test_derived_pods_are_those_that_claim(place: Platform, plane: ControlPlane) -> None:
    allowed = AllowedDifferences.from_file(ALLOWED)
    found = [item for item in kubernetes_objects(planned(place)) if (item.kind, item.namespace) == ("Pod", "research")]
    assert len(found) == 2
    for item in found:
        stem = item.name.removesuffix("*")
        (real,) = [pod for pod in pods(plane.client) if pod["metadata"]["name"].startswith(stem)]
        assert "\n".join(differences(with_api_defaults(thaw(item.manifest)), real, allowed)) == ""


@pytest.mark.usefixtures("moved")
def test_every_planned_object_passes_a_strict_server_side_dry_run(place: Platform, plane: ControlPlane) -> None:
    objects = kubernetes_objects(planned(place), derived=False)
    kinds = {item.kind for item in objects}
    assert {"DeviceClass", "ResourceClaimTemplate", "ValidatingAdmissionPolicy"} <= kinds
    for item in objects:
        plane.client.apply(portable_manifest(item), dry_run=True)


@pytest.mark.usefixtures("moved")
def test_a_second_apply_changes_nothing(place: Platform) -> None:
    assert place.apply()["operations"] == {}


@pytest.mark.usefixtures("moved")
def test_destroy_takes_classes_and_templates_along(place: Platform, plane: ControlPlane) -> None:
    place.bedplate("destroy", "dev", "--confirm", "dev")
    for item in kubernetes_objects(planned(place), derived=False):
        assert plane.client.find(item.id.api_version, item.kind, item.name, item.namespace or None) is None
