"""Rules that hold for every Kubernetes object that a component writes."""

from __future__ import annotations

import pytest

from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import CLUSTER_SCOPED, kubernetes_objects, pod_spec
from bedplate.graph.values import is_unknown, walk
from tests.components.platform_program import record_platform
from tests.components.recording import namespaces_before_objects


@pytest.fixture(scope="module")
def platform() -> Graph:
    return record_platform()


def test_every_object_has_a_name_of_its_own_choosing(platform: Graph) -> None:
    assert all(item.name for item in kubernetes_objects(platform))


def test_every_object_states_its_namespace_unless_it_stands_outside_of_all(platform: Graph) -> None:
    for item in kubernetes_objects(platform):
        assert (item.namespace == "") == (item.kind in CLUSTER_SCOPED), str(item.id)


def test_every_object_says_that_bedplate_manages_it(platform: Graph) -> None:
    for item in kubernetes_objects(platform):
        assert item.get("metadata", "labels", "app.kubernetes.io/managed-by") == "bedplate", str(item.id)


def test_nothing_in_an_object_is_left_to_apply(platform: Graph) -> None:
    for item in kubernetes_objects(platform):
        assert not [path for path, value in walk(item.manifest) if is_unknown(value)], str(item.id)


def test_every_namespace_enforces_a_level_of_pod_security(platform: Graph) -> None:
    levels = {
        item.name: item.get("metadata", "labels", "pod-security.kubernetes.io/enforce")
        for item in kubernetes_objects(platform)
        if item.kind == "Namespace"
    }
    assert levels == {"gpu-system": "privileged", "research": "restricted", "serving-gateway": "baseline"}


def test_no_pod_holds_a_kubernetes_token(platform: Graph) -> None:
    specs = [pod_spec(item.manifest) for item in kubernetes_objects(platform)]
    specs += [item.get("spec", "predictor") for item in kubernetes_objects(platform) if item.kind == "InferenceService"]
    present = [spec for spec in specs if spec is not None]
    assert len(present) == 4
    assert all(spec["automountServiceAccountToken"] is False for spec in present)


def test_every_object_waits_for_its_namespace(platform: Graph) -> None:
    namespaces_before_objects(platform)


def test_every_object_belongs_to_a_layer_and_an_entry_of_the_environment(platform: Graph) -> None:
    for item in kubernetes_objects(platform):
        assert item.resource.layer in ("platform", "models"), str(item.id)
        assert item.resource.entry, str(item.id)


def test_two_runs_give_the_same_bytes() -> None:
    assert record_platform().bytes == record_platform().bytes
