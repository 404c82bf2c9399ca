"""A real API server with the operator's own definitions takes what it is told: no field unknown, no value refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import kubernetes_objects, portable_manifest
from tests.components.gpu_operator.test_fields import without_newer_fields
from tests.components.gpu_operator.test_gpu_operator import record
from tests.support.controlplane.client import KubeClient, KubeError
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.upstream import gpu_operator_definitions
from tests.support.environments import ROOT

pytestmark = pytest.mark.cluster

DEADLINE = 60.0
KINDS = ("ClusterPolicy", "NVIDIADriver")


@pytest.fixture(scope="module")
def client() -> Iterator[KubeClient]:
    with ControlPlane() as plane:
        plane.start(with_kserve=False)
        plane.install_definitions(gpu_operator_definitions())
        plane.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "gpu-system"}})
        yield plane.client


def told(graph: Graph) -> dict[str, list[dict[str, Any]]]:
    """Manifests of what the operator reads, by kind, without fields that are newer than the definitions here."""
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for item in kubernetes_objects(graph):
        if item.kind in KINDS:
            found[item.kind].append(without_newer_fields(portable_manifest(item)))
    return found


@pytest.mark.parametrize("settings", [{}, {"modules": "compiled", "packageSources": "mirror"}], ids=str)
def test_every_setting_passes_a_strict_dry_run(client: KubeClient, settings: dict[str, object]) -> None:
    objects = told(record(settings))
    assert [len(objects[kind]) for kind in KINDS] == [1, 2]
    for manifest in [*objects["ClusterPolicy"], *objects["NVIDIADriver"]]:
        client.apply(manifest, dry_run=True)


@pytest.mark.parametrize("site", ["hall-a", "hall-b"])
def test_all_that_stands_beside_the_operator_in_the_shipped_plants_passes_too(client: KubeClient, site: str) -> None:
    graph = recorded(load(ROOT, f"airgap.{site}"))
    for manifests in told(graph).values():
        assert len(manifests) == 1
        client.apply(manifests[0], dry_run=True)
    agents = [item for item in kubernetes_objects(graph) if item.namespace == "gpu-system"]
    assert {item.kind for item in agents} >= {"ConfigMap", "DaemonSet", "NetworkPolicy", "Service"}
    for item in agents:
        client.apply(portable_manifest(item), dry_run=True)


def test_the_dry_run_would_find_a_field_that_the_operator_does_not_know(client: KubeClient) -> None:
    (manifest, _) = told(record())["NVIDIADriver"]
    manifest["spec"]["nodeSelectors"] = manifest["spec"].pop("nodeSelector")
    with pytest.raises(KubeError, match="nodeSelectors"):
        client.apply(manifest, dry_run=True)
