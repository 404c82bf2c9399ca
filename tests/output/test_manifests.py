from __future__ import annotations

import pytest
import yaml

from bedplate.graph.graph import Graph
from bedplate.graph.values import SECRET, UNKNOWN, Json
from bedplate.output.manifests import ManifestError, manifests
from tests.output.builders import graph, kubernetes
from tests.support.environments import dev_recorded


def files(content: Graph, delivery: str = "kubectl", path: str = "") -> dict[str, Json]:
    """Every file as data."""
    made = manifests(content, delivery=delivery, path=path)  # type: ignore[arg-type]
    return {name: yaml.safe_load(text) for name, text in made.files.items()}


def sample() -> Graph:
    namespace = kubernetes("Namespace", "research")
    return graph(namespace, kubernetes("ConfigMap", "settings", namespace="research", content={"data": {"a": "yes"}}))


def test_files_are_named_by_kind_namespace_and_name_in_folders_of_waves() -> None:
    assert sorted(files(sample())) == [
        "00/kustomization.yaml",
        "00/namespace-research.yaml",
        "01/configmap-research-settings.yaml",
        "01/kustomization.yaml",
    ]


def test_each_wave_lists_its_files_for_kustomize() -> None:
    assert files(sample())["01/kustomization.yaml"] == {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["configmap-research-settings.yaml"],
    }


def test_a_manifest_is_the_object_and_nothing_of_the_engine() -> None:
    notes = {"metadata": {"name": "a", "annotations": {"pulumi.com/waitFor": "x", "kept": "y"}}}
    found = files(graph(kubernetes("ConfigMap", "a", content=notes)))["00/configmap-a.yaml"]
    assert found == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "annotations": {"kept": "y"}}}


def test_names_that_would_collide_get_a_digest_each() -> None:
    first = kubernetes("ConfigMap", "b-c", namespace="a")
    second = kubernetes("ConfigMap", "c", namespace="a-b")
    names = [name for name in files(graph(first, second)) if "configmap" in name]
    assert len(names) == 2
    assert all(len(name) == len("00/configmap-a-b-c-12345678.yaml") for name in names)


@pytest.mark.parametrize("name", ["system:node:reader", "Upper", "a/b", "../../etc/passwd", "x" * 253])
def test_a_name_that_is_no_file_name_gets_a_safe_one_with_a_digest(name: str) -> None:
    found = [path for path in files(graph(kubernetes("ClusterRole", name))) if "clusterrole" in path]
    assert len(found) == 1
    assert found[0].count("/") == 1
    assert len(found[0]) < 255
    assert found[0].startswith("00/clusterrole-")


def test_a_long_name_that_differs_at_its_end_only_keeps_a_file_of_its_own() -> None:
    content = graph(*(kubernetes("ClusterRole", "x" * 240 + end) for end in "ab"))
    assert len([path for path in files(content) if "clusterrole" in path]) == 2


def test_argo_cd_gets_its_waves_as_annotations_and_one_list_of_folders() -> None:
    found = files(sample(), "argocd")
    annotations = found["01/configmap-research-settings.yaml"]["metadata"]["annotations"]
    assert annotations == {"argocd.argoproj.io/sync-wave": "1"}
    assert found["kustomization.yaml"]["resources"] == ["00", "01"]


def test_flux_gets_a_kustomization_per_wave_that_waits_for_the_one_before() -> None:
    found = files(sample(), "flux", "delivery/trial")
    first, second = found["flux/bedplate-trial-00.yaml"], found["flux/bedplate-trial-01.yaml"]
    assert (first["spec"]["path"], first["spec"]["wait"], "dependsOn" in first["spec"]) == (
        "./delivery/trial/00",
        True,
        False,
    )
    assert second["spec"]["dependsOn"] == [{"name": "bedplate-trial-00"}]


def test_flux_never_prunes_what_holds_other_objects() -> None:
    found = files(sample(), "flux")
    annotations = found["00/namespace-research.yaml"]["metadata"]["annotations"]
    assert annotations == {"kustomize.toolkit.fluxcd.io/prune": "disabled"}
    assert "annotations" not in found["01/configmap-research-settings.yaml"]["metadata"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (SECRET, r"ConfigMap x: data\.token is a secret, so no file can hold it: let an operator fetch it"),
        (UNKNOWN, r"ConfigMap x: data\.token is known only after apply, so no file can hold it: make it an input"),
    ],
)
def test_a_secret_or_unknown_value_is_refused_by_name(value: Json, message: str) -> None:
    content = graph(kubernetes("ConfigMap", "x", content={"data": {"token": dict(value)}}))
    with pytest.raises(ManifestError, match=message):
        manifests(content, delivery="kubectl", path="")


def test_the_same_graph_gives_the_same_bytes_in_any_order_of_registration() -> None:
    content = dev_recorded()
    turned = Graph(environment=content.environment, resources=reversed(content.resources))
    assert manifests(turned, delivery="flux", path="x").files == manifests(content, delivery="flux", path="x").files


def test_the_shipped_environment_has_a_file_for_each_of_its_objects() -> None:
    content = dev_recorded()
    made = manifests(content, delivery="kubectl", path="")
    objects = [resource for resource in content if resource.is_kubernetes]
    assert sum(len(names) for _, names in made.waves) == len(objects)
    assert made.to_json()["graphDigest"] == content.digest
