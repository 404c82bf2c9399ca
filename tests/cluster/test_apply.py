"""The main job, for real: one environment file becomes Ready model services on a real API server, and goes again.

The tests of this module tell one story and run in the order in which they stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bedplate.cli.pipeline import derived
from bedplate.engine.events import parse
from bedplate.engine.parity import mismatches
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import kubernetes_objects, portable_manifest
from bedplate.graph.values import thaw
from tests.cluster.platform import ROOT, Platform, platform
from tests.support.api_defaults import with_api_defaults
from tests.support.compare import AllowedDifferences, differences
from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.manifests import has_condition
from tests.support.polling import poll

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.xdist_group("apply")]

SERVICES = "serving.kserve.io/v1beta1"
NAMESPACES = ("research", "gpu-system", "serving-gateway")
ALLOWED = Path(__file__).parents[1] / "graph" / "derive" / "allowed_differences.yaml"


@pytest.fixture(scope="module")
def place(plane: ControlPlane) -> Iterator[Platform]:
    """The platform repository, and everything that applying it takes."""
    with platform(plane) as made:
        yield made


@pytest.fixture(scope="module")
def first_apply(place: Platform) -> dict[str, Any]:
    """`bedplate apply dev` on an empty account."""
    return place.apply()


def planned(place: Platform) -> Graph:
    """The Graph of `dev` as the copy has it now, with derived objects."""
    resolved = load(place.root, "dev")
    return derived(resolved)


def pods(client: KubeClient, namespace: str = "research") -> list[dict[str, Any]]:
    """Pods that are not on their way out."""
    found = client.objects("v1", "Pod", namespace)
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


def test_apply_creates_every_planned_resource(place: Platform, first_apply: dict[str, Any]) -> None:
    registered = [item for item in planned(place) if item.derived_from is None]
    assert first_apply["operations"] == {"create": len(registered)}


@pytest.mark.usefixtures("first_apply")
def test_apply_ends_with_both_model_services_ready(plane: ControlPlane) -> None:
    services = plane.client.objects(SERVICES, "InferenceService", "research")
    assert {item["metadata"]["name"] for item in services} == {"chat", "embeddings"}
    assert all(has_condition(item, "Ready") for item in services)


@pytest.mark.usefixtures("first_apply")
def test_the_real_scheduler_binds_their_pods_to_gpu_nodes(plane: ControlPlane) -> None:
    running = pods(plane.client)
    assert len(running) == 2
    for pod in running:
        node = plane.client.get("v1", "Node", pod["spec"]["nodeName"])
        assert node["metadata"]["labels"]["bedplate.dev/pool"] == "l4"
        assert node["status"]["allocatable"]["nvidia.com/gpu"] == "4"
        assert pod["status"]["phase"] == "Running"


@pytest.mark.usefixtures("first_apply")
def test_derived_objects_equal_those_that_the_real_controllers_made(place: Platform, plane: ControlPlane) -> None:
    allowed = AllowedDifferences.from_file(ALLOWED)
    seen = 0
    for item in kubernetes_objects(planned(place)):
        if item.resource.derived_from is None or item.kind == "Pod":
            continue
        real = plane.client.get(item.id.api_version, item.kind, item.name, item.namespace)
        assert differences(thaw(item.manifest), real, allowed) == []
        seen += 1
    assert seen >= 4


@pytest.mark.usefixtures("first_apply")
def test_derived_pods_equal_those_that_the_real_webhook_and_controllers_made(
    place: Platform, plane: ControlPlane
) -> None:
    allowed = AllowedDifferences.from_file(ALLOWED)
    derived = [item for item in kubernetes_objects(planned(place)) if item.kind == "Pod"]
    assert len(derived) == 4
    for item in derived:
        stem = item.name.removesuffix("*")
        real = [pod for pod in pods(plane.client, item.namespace) if pod["metadata"]["name"].startswith(stem)]
        assert len(real) == 1
        found = differences(with_api_defaults(thaw(item.manifest)), real[0], allowed)
        assert "\n".join(found) == ""


@pytest.mark.usefixtures("first_apply")
def test_every_planned_object_passes_a_strict_server_side_dry_run(place: Platform, plane: ControlPlane) -> None:
    objects = kubernetes_objects(planned(place), derived=False)
    assert len(objects) > 20
    for item in objects:
        plane.client.apply(portable_manifest(item), dry_run=True)


@pytest.mark.usefixtures("first_apply")
def test_a_second_apply_changes_nothing(place: Platform) -> None:
    before = place.sandbox.aws.journal()
    assert place.apply()["operations"] == {}
    assert place.sandbox.aws.journal() == before


@pytest.mark.usefixtures("first_apply")
def test_a_change_of_replicas_changes_exactly_the_planned_objects(place: Platform, plane: ControlPlane) -> None:
    place.edit(
        "environments/dev.yaml",
        "    pool: l4\n    exposure: gateway\n",
        "    pool: l4\n    exposure: gateway\n    scale: {min: 2, max: 2}\n",
    )
    plan = place.plan()
    changes = {change["object"]: change["action"] for change in plan["changes"] if not change["derived"]}
    assert changes == {"InferenceService research/chat": "update"}
    others = _versions(plane.client, place)
    place.commit("chat twice")
    assert place.apply()["operations"] == {"update": 1, "same": plan_size(place) - 1}
    poll("the third pod", lambda: len(pods(plane.client)) == 3, 60.0)
    after = _versions(plane.client, place)
    changed = {key for key in others.keys() | after.keys() if others.get(key) != after.get(key)}
    assert changed == {"InferenceService research/chat"}


def plan_size(place: Platform) -> int:
    """Resources that the program registers."""
    return sum(1 for item in planned(place) if item.derived_from is None)


def _versions(client: KubeClient, place: Platform) -> dict[str, int]:
    """Generation of every registered object that has one: it moves with the spec, not with the status."""
    versions: dict[str, int] = {}
    for item in kubernetes_objects(planned(place), derived=False):
        real = client.find(item.id.api_version, item.kind, item.name, item.namespace or None)
        if real is not None:
            versions[str(item.id)] = real["metadata"].get("generation", 0)
    return versions


@pytest.mark.usefixtures("first_apply")
def test_destroy_leaves_nothing(place: Platform, plane: ControlPlane) -> None:
    place.bedplate("destroy", "dev", "--confirm", "dev")
    assert place.sandbox.aws.node_groups() == {}
    for item in kubernetes_objects(planned(place), derived=False):
        assert plane.client.find(item.id.api_version, item.kind, item.name, item.namespace or None) is None
    left = [name for name in NAMESPACES if plane.client.find("v1", "Namespace", name)]
    assert left == []
    made = {entry["urn"] for entry in place.sandbox.aws.journal() if entry["operation"] == "create"}
    gone = {entry["urn"] for entry in place.sandbox.aws.journal() if entry["operation"] == "delete"}
    assert made == gone


def test_plain_pulumi_up_registers_what_the_recorder_records(place: Platform, tmp_path: Path) -> None:
    log = tmp_path / "up.jsonl"
    pulumi = place.sandbox.pulumi
    pulumi("stack", "init", "dev", "--secrets-provider", "passphrase", cwd=place.root)
    pulumi("up", "--stack", "dev", "--yes", "--skip-preview", "--event-log", str(log), cwd=place.root)
    events = [event for line in log.read_text(encoding="utf-8").splitlines() if (event := parse(json.loads(line)))]
    assert mismatches(planned(place), events) == ()
    pulumi("destroy", "--stack", "dev", "--yes", "--skip-preview", cwd=place.root)


def test_the_allowed_differences_are_published() -> None:
    assert (ROOT / "docs" / "reference" / "differences.md").is_file()
