"""The folder that a controller reads holds its layers, in the order and with the rights that the Graph says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.values import Json
from bedplate.output.delivered import delivered
from tests.support.delivery import handed_over


def graph(folder: Path, writer: str, *layers: str, **gitops: Json) -> Graph:
    return recorded(load(handed_over(folder, writer, *layers, **gitops), "dev"))


def files(content: Graph) -> dict[str, Json]:
    return {name: yaml.safe_load(text) for name, text in delivered(content).files.items()}


@pytest.mark.parametrize("writer", ["argocd", "flux"])
def test_the_folder_holds_each_object_of_the_writer_once_and_no_other(writer: str, tmp_path: Path) -> None:
    content = graph(tmp_path, writer, "models")
    made = delivered(content)
    theirs = [item for item in content if item.writer]
    assert 0 < len(theirs) < sum(item.is_kubernetes for item in content)
    assert sum(len(names) for _, names in made.waves) == len(theirs)
    assert all(folder.startswith("models/") for folder, _ in made.waves)
    assert set(made.files) == {
        "models/kustomization.yaml",
        *(f"{folder}/{name}" for folder, names in made.waves for name in (*names, "kustomization.yaml")),
    }


def test_a_layer_that_needs_no_order_is_one_list_of_its_waves(tmp_path: Path) -> None:
    found = files(graph(tmp_path, "flux", "models"))
    assert found["models/kustomization.yaml"]["resources"] == ["00", "01"]


def test_flux_reads_a_platform_wave_by_wave_as_the_same_account_and_from_the_same_source(tmp_path: Path) -> None:
    content = graph(tmp_path, "flux", "platform", "models", path="delivery/trial")
    found = files(content)
    (root,) = [item.inputs for item in content if item.name == "delivery-kustomization-bedplate-platform"]
    first, second = (found[f"platform/flux/bedplate-platform-0{number}.yaml"] for number in (0, 1))
    assert root["spec"]["path"] == "./delivery/trial/dev/platform/flux"
    assert (first["spec"]["path"], second["spec"]["path"]) == (
        "./delivery/trial/dev/platform/00",
        "./delivery/trial/dev/platform/01",
    )
    for wave in (first, second):
        assert wave["spec"]["serviceAccountName"] == root["spec"]["serviceAccountName"]
        assert wave["spec"]["sourceRef"] == root["spec"]["sourceRef"]
        assert wave["metadata"]["namespace"] == "flux-system"
    assert "dependsOn" not in first["spec"]
    assert second["spec"]["dependsOn"] == [{"name": "bedplate-platform-00"}]
    assert "platform/kustomization.yaml" not in found


def test_argo_cd_reads_a_platform_as_one_list_with_waves_as_annotations(tmp_path: Path) -> None:
    found = files(graph(tmp_path, "argocd", "platform", "models"))
    namespace = found["platform/00/namespace-research.yaml"]["metadata"]["annotations"]
    assert namespace["argocd.argoproj.io/sync-wave"] == "0"
    assert namespace["argocd.argoproj.io/sync-options"] == "Prune=confirm"
    assert not any(name.startswith("platform/flux/") for name in found)


def test_waves_of_a_layer_begin_at_nought_whatever_stands_below_it(tmp_path: Path) -> None:
    found = files(graph(tmp_path, "argocd", "models"))
    route = found["models/00/httproute-research-chat.yaml"]
    assert route["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"] == "0"


def test_nothing_that_speaks_to_the_engine_reaches_the_folder(tmp_path: Path) -> None:
    made = delivered(graph(tmp_path, "argocd", "platform", "models"))
    assert not any("pulumi.com" in text for text in made.files.values())
