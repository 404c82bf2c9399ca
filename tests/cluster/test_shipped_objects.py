"""A real API server, with KServe's webhooks, takes every Kubernetes object of every shipped environment, whichever
layer it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.environment.targets import all_targets
from bedplate.graph.kubernetes import kubernetes_objects, portable_manifest
from tests.cluster.platform import ROOT
from tests.components.gpu_operator.test_fields import without_newer_fields
from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.upstream import gpu_operator_definitions, karpenter_definitions

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("shipped-objects")]


@pytest.fixture(scope="module")
def client() -> Iterator[KubeClient]:
    with ControlPlane() as plane:
        plane.start()
        plane.install_definitions(karpenter_definitions() + gpu_operator_definitions())
        yield plane.client


@pytest.mark.parametrize("target", all_targets(ROOT))
def test_every_object_of_a_shipped_environment_passes_a_strict_dry_run(target: str, client: KubeClient) -> None:
    objects = kubernetes_objects(recorded(load(ROOT, target)), derived=False)
    assert len(objects) > 20
    # Objects of a namespace are only taken once it is there.
    for item in sorted(objects, key=lambda item: item.kind != "Namespace"):
        client.apply(without_newer_fields(portable_manifest(item)), dry_run=item.kind != "Namespace")
