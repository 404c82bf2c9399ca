"""A layer changes hands, for real: from Pulumi to Argo CD and back, and no object of the cluster is made anew.

Argo CD itself does not run here: what it would apply is applied under its name. The tests of this module tell one
story and run in the order in which they stand.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.graph.kubernetes import KubernetesObject, kubernetes_objects, portable_manifest
from tests.cluster.platform import Platform, platform
from tests.support.controlplane import upstream
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.manifests import Manifest, has_condition
from tests.support.environments import SERVING_PROVIDED, repository, whole, write

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.xdist_group("apply")]

DEV = "environments/dev.yaml"
PULUMIS = "serving:\n  gateway:"
ARGOCDS = """delivery:
  layers: {models: argocd}
  gitops: {repository: "https://git.example.org/platform.git"}

addons:
  - {name: argocd, source: provided, version: 3.5.3}

serving:
  gateway:"""


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as made:
        made.start()
        for definition in (*upstream.argo_cd(), *upstream.flux()):
            made.client.apply(definition)
            name = definition["metadata"]["name"]
            made.client.wait_for(definition["apiVersion"], definition["kind"], name, _established)
        for name in ("argocd", "flux-system"):
            made.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        yield made


def _established(definition: Manifest) -> bool:
    return has_condition(definition, "Established")


@pytest.fixture(scope="module")
def place(plane: ControlPlane) -> Iterator[Platform]:
    with platform(plane) as made:
        yield made


@pytest.fixture(scope="module")
def before(place: Platform, plane: ControlPlane) -> dict[str, str]:
    """Identities of the objects of the layer models, made by Pulumi, at the moment when Argo CD is to take them."""
    models = [item for item in _objects(place) if item.resource.layer == "models"]
    place.apply()
    place.edit(DEV, PULUMIS, ARGOCDS)
    place.commit("models by Argo CD")
    return _identities(plane, models)


def _objects(place: Platform) -> tuple[KubernetesObject, ...]:
    return kubernetes_objects(recorded(load(place.root, "dev")), derived=False)


def _identities(plane: ControlPlane, items: Any) -> dict[str, str]:
    """What tells an object from one that was made anew under its name."""
    return {str(item.id): _there(plane, item)["metadata"]["uid"] for item in items}


def _there(plane: ControlPlane, item: KubernetesObject) -> Manifest:
    return plane.client.get(item.id.api_version, item.kind, item.name, item.namespace or None)


def _handover(place: Platform, plane: ControlPlane, *args: str) -> subprocess.CompletedProcess[str]:
    return place.bedplate("handover", "dev", "--kubeconfig", str(plane.kubeconfig), *args)


def _writers(plane: ControlPlane, item: KubernetesObject) -> set[str]:
    """Who has applied fields of an object, as the API server keeps it, without what Pulumi adds at random."""
    entries = _there(plane, item)["metadata"].get("managedFields", ())
    applied = [entry["manager"] for entry in entries if entry["operation"] == "Apply"]
    return {re.sub(r"^(pulumi-kubernetes)-.*", r"\1", manager) for manager in applied}


def _models(place: Platform) -> list[KubernetesObject]:
    return [item for item in _objects(place) if item.resource.layer == "models"]


def test_the_plan_of_a_switch_says_that_the_layer_changes_hands(place: Platform, before: dict[str, str]) -> None:
    plan = place.plan()
    assert f"layer models changes hands: pulumi → argocd, {len(before)} objects" in plan["danger"]
    assert {change["action"] for change in plan["changes"] if change["object"] in before} == {"update"}


def test_apply_refuses_to_delete_what_argo_cd_applies_now(
    place: Platform, plane: ControlPlane, before: dict[str, str]
) -> None:
    said = place.bedplate("apply", "dev", "--yes", check=7).stderr
    assert f"dev still holds {len(before)} objects that argocd applies, and the engine would delete them" in said
    assert "`bedplate handover dev` takes them out of the state and leaves them in the cluster" in said
    assert _identities(plane, _models(place)) == before


def test_a_handover_takes_them_out_of_the_state_and_leaves_the_cluster_alone(
    place: Platform, plane: ControlPlane, before: dict[str, str]
) -> None:
    result = json.loads(_handover(place, plane, "--json").stdout)
    assert (result["objects"], result["fields"]) == ({"dev": len(before)}, len(before))
    assert _identities(plane, _models(place)) == before


@pytest.mark.usefixtures("before")
def test_a_second_handover_has_nothing_to_do(place: Platform, plane: ControlPlane) -> None:
    assert _handover(place, plane).stdout == "dev: every object has its one writer already\n"


def test_the_next_apply_tells_argo_cd_and_touches_nothing_else(
    place: Platform, plane: ControlPlane, before: dict[str, str]
) -> None:
    result = place.apply()
    # A project, an application, and the component around them.
    assert {key: count for key, count in result["operations"].items() if key != "same"} == {"create": 3}
    assert result["left"] == {"models": len(before)}
    assert _identities(plane, _models(place)) == before
    application = plane.client.get("argoproj.io/v1alpha1", "Application", "bedplate-models", "argocd")
    assert application["spec"]["source"]["path"] == "rendered/dev/models"


def test_what_argo_cd_reads_changes_no_value_of_what_pulumi_made(
    place: Platform, plane: ControlPlane, before: dict[str, str], tmp_path: Path
) -> None:
    place.bedplate("manifests", "dev", "--to", str(tmp_path / "dev"))
    generations = {str(item.id): _there(plane, item)["metadata"].get("generation") for item in _models(place)}
    manifests = [
        yaml.safe_load(file.read_text(encoding="utf-8"))
        for file in sorted((tmp_path / "dev" / "models").rglob("*.yaml"))
        if file.name != "kustomization.yaml"
    ]
    assert len(manifests) == len(before)
    for manifest in manifests:
        plane.client.apply(manifest, field_manager="argocd-controller")
    assert {str(item.id): _there(plane, item)["metadata"].get("generation") for item in _models(place)} == generations
    assert [_writers(plane, item) for item in _models(place)] == [{"argocd-controller"}] * len(before)


@pytest.mark.usefixtures("before")
def test_with_the_layer_in_other_hands_an_apply_has_nothing_to_do(place: Platform) -> None:
    assert place.apply()["operations"] == {}


def test_pulumi_takes_the_layer_back_without_making_anything_anew(
    place: Platform, plane: ControlPlane, before: dict[str, str]
) -> None:
    place.edit(DEV, ARGOCDS, PULUMIS)
    place.commit("models by Pulumi again")
    result = place.apply()
    found = {key: count for key, count in result["operations"].items() if key != "same"}
    assert found == {"create": len(before), "delete": 3}
    assert _identities(plane, _models(place)) == before
    assert plane.client.find("argoproj.io/v1alpha1", "Application", "bedplate-models", "argocd") is None
    assert json.loads(_handover(place, plane, "--json").stdout)["fields"] == len(before)
    assert [_writers(plane, item) for item in _models(place)] == [{"pulumi-kubernetes"}] * len(before)
    assert place.apply()["operations"] == {}


@pytest.mark.parametrize("writer", ["argocd", "flux"])
@pytest.mark.parametrize("layers", [("models",), ("platform", "models")], ids="-".join)
@pytest.mark.parametrize(
    "repository_url", ["https://git.example.org/platform.git", "oci://registry.example.org/platform"]
)
def test_every_object_and_every_file_passes_a_strict_server_side_dry_run(
    writer: str, layers: tuple[str, ...], repository_url: str, before: dict[str, str], place: Platform, tmp_path: Path
) -> None:
    assert before
    version = {"argocd": "3.5.3", "flux": "2.8.5"}[writer]
    root = repository(tmp_path)
    data = whole(root, "dev") | {
        "delivery": {"layers": dict.fromkeys(layers, writer), "gitops": {"repository": repository_url}},
        "addons": [*SERVING_PROVIDED, {"name": writer, "source": "provided", "version": version}],
    }
    write(root, DEV, data)
    objects = kubernetes_objects(recorded(load(root, "dev")), derived=False)
    place.bedplate("manifests", "dev", "--root", str(root), "--to", str(tmp_path / "out"))
    files = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in (tmp_path / "out").rglob("*.yaml")]
    manifests = [item for item in files if not item["apiVersion"].startswith("kustomize.config.k8s.io")]
    assert sum(bool(item.resource.writer) for item in objects) <= len(manifests)
    for manifest in (*map(portable_manifest, objects), *manifests):
        place.plane.client.apply(manifest, dry_run=True)
