"""KServe's own charts, expanded by real helm: from `bedplate lock` to the plan that holds them."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
import yaml

from bedplate.cli.pipeline import derived, judged
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.graph import Graph
from bedplate.graph.images import images_of
from bedplate.graph.kubernetes import KubernetesObject, as_object, kubernetes_objects
from bedplate.graph.values import get, is_secret, is_unknown, walk
from tests.lock.charts import package
from tests.lock.kserve import FOLDERS, kserve_repository, lock, source
from tests.lock.repositories import LOCK
from tests.support.environments import TODAY, repository

pytestmark = pytest.mark.engine

CONTROLLER = "Deployment kserve/kserve-controller-manager"


def written(root: Path) -> dict[str, str]:
    """Digest of the lock and of every vendored file, by path."""
    files = [root / LOCK, *(root / "environments/vendor").iterdir()]
    return {str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform repository in which both charts are vendored."""
    return kserve_repository(tmp_path_factory.mktemp("vendored"))


@pytest.fixture(scope="module")
def resolved(root: Path) -> ResolvedEnvironment:
    return load(root, "dev")


@pytest.fixture(scope="module")
def graph(resolved: ResolvedEnvironment) -> Graph:
    return derived(resolved)


def test_each_chart_has_its_file_and_the_lock_points_at_it(root: Path, resolved: ResolvedEnvironment) -> None:
    assert resolved.lock is not None
    entries = {chart.name: chart for chart in resolved.lock.charts if chart.vendored}
    assert entries.keys() == FOLDERS.keys()
    assert {f"environments/vendor/{file.name}" for file in (root / "environments/vendor").iterdir()} == {
        entry.vendored for entry in entries.values()
    }


def test_the_graph_holds_every_object_of_the_files_and_the_namespace_that_no_chart_brings(
    root: Path, graph: Graph
) -> None:
    wanted = {"Namespace kserve"}
    for file in (root / "environments/vendor").iterdir():
        for item in yaml.load_all(file.read_bytes(), yaml.CSafeLoader):
            metadata = item["metadata"]
            place = f"{metadata['namespace']}/" if "namespace" in metadata else ""
            wanted.add(f"{item['kind']} {place}{metadata['name']}")
    held = {str(item.id) for item in kubernetes_objects(graph) if item.resource.entry.startswith("addons")}
    assert wanted <= held
    assert {name for name in held - wanted if not name.startswith("Pod ")} == set()


def test_nothing_in_the_graph_is_unknown_and_the_webhooks_key_is_redacted(graph: Graph) -> None:
    ours = [item for item in kubernetes_objects(graph, derived=False) if item.resource.entry.startswith("addons")]
    assert ours
    assert [str(item.id) for item in ours if any(is_unknown(value) for _, value in walk(item.manifest))] == []
    secrets = [item for item in ours if item.kind == "Secret"]
    assert secrets
    contents = [get(item.manifest, key) for item in secrets for key in ("data", "stringData")]
    assert all(value is None or is_secret(value) for value in contents)


def test_definitions_exist_before_objects_of_their_kind_and_models_wait_for_the_controller(graph: Graph) -> None:
    order = {str(item.id): n for n, item in enumerate(kubernetes_objects_in_order(graph))}
    definition = "CustomResourceDefinition clusterstoragecontainers.serving.kserve.io"
    assert order[definition] < order["ClusterStorageContainer default"]
    assert order["Namespace kserve"] < order[CONTROLLER] < order["InferenceService research/chat"]


def kubernetes_objects_in_order(graph: Graph) -> list[KubernetesObject]:
    return [as_object(item) for item in graph.creation_order if item.is_kubernetes and item.derived_from is None]


def test_images_of_the_controller_are_in_the_lock_with_who_needs_them(
    resolved: ResolvedEnvironment, graph: Graph
) -> None:
    assert resolved.lock is not None
    entries = {image.reference: image.needed_by for image in resolved.lock.images}
    assert entries == images_of(graph)
    assert entries["kserve/kserve-controller:v0.20.0"] == (CONTROLLER,)


def test_capacity_counts_the_controller_and_no_longer_lists_the_charts(resolved: ResolvedEnvironment) -> None:
    uncounted = judged(resolved, TODAY).capacity.uncounted
    assert [text for text in uncounted if text.startswith("chart ")] == ["chart cert-manager", "chart envoy-gateway"]


def test_the_environments_values_reached_the_chart(graph: Graph) -> None:
    settings = next(item for item in kubernetes_objects(graph) if item.name == "inferenceservice-config")
    assert '"disableIngressCreation": true' in settings.get("data", "ingress")
    assert '"defaultDeploymentMode": "Standard"' in settings.get("data", "deploy")


def test_a_second_run_and_another_repository_give_the_same_bytes(root: Path, tmp_path: Path) -> None:
    before = written(root)
    again = lock(root, {name: source(name) for name in FOLDERS}, seed="2")
    assert again.stdout.startswith("dev: lock up to date, ")
    assert written(root) == before
    elsewhere = repository(tmp_path)
    lock(elsewhere, {name: source(name) for name in reversed(FOLDERS)}, seed="3")
    assert written(elsewhere) == before


def test_archives_give_the_same_objects_as_folders(root: Path, tmp_path: Path) -> None:
    other = repository(tmp_path / "root")
    lock(other, {name: package(source(name), tmp_path / name) for name in FOLDERS})
    vendored = {path: digest for path, digest in written(root).items() if path != LOCK}
    assert {path: digest for path, digest in written(other).items() if path != LOCK} == vendored


def test_where_one_of_two_charts_fails_nothing_is_written(tmp_path: Path) -> None:
    root = repository(tmp_path)
    before = (root / LOCK).read_bytes()
    done = lock(root, {"kserve-crd": source("kserve-crd"), "kserve": source("kserve-crd")}, check=1)
    assert "is chart kserve-crd v0.20.0; the environment asks for kserve-resources v0.20.0" in done.stderr
    assert not (root / "environments/vendor").exists()
    assert (root / LOCK).read_bytes() == before


def test_a_damaged_file_is_mended_by_expanding_its_chart_again(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "root"
    shutil.copytree(root, copy)
    before = written(copy)
    (file,) = (copy / "environments/vendor").glob("kserve-crd-*")
    file.write_text("", encoding="utf-8")
    assert "restore the file, or expand the chart again" in lock(copy, {}, check=2).stderr
    lock(copy, {"kserve-crd": source("kserve-crd")})
    assert written(copy) == before
