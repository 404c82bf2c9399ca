"""A real API server takes every object of KServe's charts as `bedplate lock` expanded them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.vendored import Manifest
from bedplate.graph.kubernetes import kubernetes_objects, portable_manifest
from tests.lock.kserve import FOLDERS, kserve_repository
from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.upstream import read_manifests
from tests.toolchain.toolchain import module_dir

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

DEADLINE = 60.0
DEFINITION = "CustomResourceDefinition"
# The controller's certificate: kinds of a chart that is not at hand, so their definitions come from its sources.
CERTIFICATES = ("certificates", "issuers")


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> ResolvedEnvironment:
    return load(kserve_repository(tmp_path_factory.mktemp("vendored")), "dev")


@pytest.fixture(scope="module")
def client(resolved: ResolvedEnvironment) -> Iterator[KubeClient]:
    """Client of a control plane that knows no kinds but Kubernetes' own, the charts' and those of certificates."""
    with ControlPlane() as plane:
        plane.start(with_kserve=False)
        definitions = [*certificate_definitions(), *(item for item in objects(resolved) if item["kind"] == DEFINITION)]
        plane.install_definitions(definitions)
        for item in kubernetes_objects(recorded(resolved), derived=False):
            if item.kind == "Namespace":
                plane.client.apply(portable_manifest(item))
        yield plane.client


def objects(resolved: ResolvedEnvironment) -> list[Manifest]:
    return [item for chart in resolved.vendored for item in chart.objects]


def certificate_definitions() -> list[Manifest]:
    """Definitions as the sources hold them, but for labels, which their chart fills in."""
    folder = module_dir("cert-manager") / "deploy/crds"
    found = [manifest for kind in CERTIFICATES for manifest in read_manifests(folder / f"crd-{kind}.yaml")]
    return [{**manifest, "metadata": {"name": manifest["metadata"]["name"]}} for manifest in found]


def test_every_vendored_object_passes_a_strict_dry_run(resolved: ResolvedEnvironment, client: KubeClient) -> None:
    assert [chart.name for chart in resolved.vendored] == list(FOLDERS)
    for manifest in objects(resolved):
        client.apply(manifest, dry_run=True)


def test_every_vendored_object_goes_where_the_plan_says(resolved: ResolvedEnvironment, client: KubeClient) -> None:
    planned = {str(item.id) for item in kubernetes_objects(recorded(resolved), derived=False)}
    for manifest in objects(resolved):
        metadata = client.apply(manifest, dry_run=True)["metadata"]
        place = f"{metadata['namespace']}/" if "namespace" in metadata else ""
        assert f"{manifest['kind']} {place}{metadata['name']}" in planned
