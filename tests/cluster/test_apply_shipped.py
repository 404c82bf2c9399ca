"""The cluster side of the shipped production environments, on the real engine: an account is made, plants are labelled.

State and tier are a test's own: production keeps its state in a bucket that only AWS has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import kubernetes_objects, portable_manifest
from tests.cluster.platform import ROOT, Platform, platform
from tests.support.controlplane.controlplane import ControlPlane

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.xdist_group("apply")]

PROD, AIRGAP = "environments/prod.yaml", "environments/airgap.yaml"
SITES = ("hall-a", "hall-b")


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane() as made:
        made.start(with_kserve=False)
        yield made


@pytest.fixture(scope="module")
def place(plane: ControlPlane) -> Iterator[Platform]:
    """The shipped environments, with state and tier for a test."""
    with platform(plane, environments=ROOT / "environments") as made:
        for file in (PROD, AIRGAP):
            on_trial(made.root / file)
        made.commit("on trial")
        made.sandbox.env["KUBECONFIG"] = str(_kubeconfig(made, plane))
        yield made


def on_trial(file: Path) -> None:
    """Give the environment in `file` the state and the tier of a test."""
    text = file.read_text(encoding="utf-8").replace("tier: production", "tier: staging")
    text = re.sub(r"  backend: .*", "  backend: file://~", text)
    text = re.sub(r"  secretsProvider: .*", "  secretsProvider: passphrase", text)
    # A folder says nothing of where it is, and residency takes that for unknown.
    text = re.sub(r"residency:\n  data: .*\n", "", text)
    file.write_text(text.replace("  stateBucket:\n    oldVersionsDays: 365\n", ""), encoding="utf-8")


def _kubeconfig(place: Platform, plane: ControlPlane) -> Path:
    """The administrator's kubeconfig with a context for each site: one cluster plays all of them."""
    config = yaml.safe_load(plane.kubeconfig.read_text(encoding="utf-8"))
    context = config["contexts"][0]["context"]
    config["contexts"] += [{"name": site, "context": context} for site in SITES]
    file = place.sandbox.root / "kubeconfig.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    return file


def planned(place: Platform, target: str, *layers: str) -> Graph:
    graph = recorded(load(place.root, target))
    stacks = {f"{target}.{layer}" for layer in layers}
    return Graph(environment=target, resources=[item for item in graph if item.stack in stacks])


def apply(place: Platform, target: str, *args: str) -> list[dict[str, Any]]:
    """Apply and return what each target's result says."""
    text = place.bedplate("apply", target, "--yes", "--json", *args).stdout
    decoder, results = json.JSONDecoder(), []
    while text.strip():
        result, end = decoder.raw_decode(text.lstrip())
        results.append(result)
        text = text.lstrip()[end:]
    return results


def test_prod_is_applied_layer_by_layer_and_a_second_time_nothing_happens(place: Platform) -> None:
    graph = planned(place, "prod", "bootstrap", "cluster")
    (result,) = apply(place, "prod", "--layers", "bootstrap,cluster")
    assert list(result["stacks"]) == ["prod.bootstrap", "prod.cluster"]
    assert result["operations"] == {"create": len(graph)}
    journal = place.sandbox.aws.journal()
    (again,) = apply(place, "prod", "--layers", "bootstrap,cluster")
    assert again["operations"] == {}
    assert place.sandbox.aws.journal() == journal


def test_both_plants_are_applied_and_their_nodes_carry_the_planned_labels(place: Platform, plane: ControlPlane) -> None:
    for site in SITES:
        for item in kubernetes_objects(planned(place, f"airgap.{site}", "cluster")):
            bare = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": item.name, "labels": {"own": "kept"}}}
            plane.client.apply(bare)
    results = apply(place, "airgap", "--layers", "cluster")
    assert [result["environment"] for result in results] == [f"airgap.{site}" for site in SITES]
    for site in SITES:
        for item in kubernetes_objects(planned(place, f"airgap.{site}", "cluster")):
            labels = plane.client.get("v1", "Node", item.name)["metadata"]["labels"]
            assert labels["own"] == "kept"
            assert item.get("metadata", "labels").items() <= labels.items()
    assert [result["operations"] for result in apply(place, "airgap", "--layers", "cluster")] == [{}, {}]


def test_every_object_of_the_plants_passes_a_strict_server_side_dry_run(place: Platform, plane: ControlPlane) -> None:
    for site in SITES:
        objects = kubernetes_objects(planned(place, f"airgap.{site}", "cluster"))
        assert objects
        for item in objects:
            plane.client.apply(portable_manifest(item), dry_run=True)
