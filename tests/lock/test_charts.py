"""Real `helm template`: what it writes for a chart, made hermetic, complete and the same every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.environment.facts import chart_of
from bedplate.environment.sections import ChartAddonSpec
from bedplate.lock.helm import VendorError
from bedplate.lock.vendor import Expanded, expand
from tests.lock.charts import CONFIG, hook, package, path_with_helm, write_chart
from tests.lock.repositories import addon
from tests.support.environments import dev

pytestmark = pytest.mark.engine

KUBERNETES = "1.35"
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.org}
spec:
  group: example.org
  scope: Cluster
  names: {kind: Thing, plural: things, singular: thing, listKind: ThingList}
  versions: []
---
apiVersion: example.org/v1
kind: Thing
metadata: {name: one}
"""


@pytest.fixture(autouse=True)
def helm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", path_with_helm())


def with_values(**values: str | int | bool) -> ChartAddonSpec:
    return addon().model_copy(update={"values": values})


def expanded(path: Path, spec: ChartAddonSpec | None = None) -> Expanded:
    spec = spec or addon()
    wanted = chart_of(spec, dev().baseline)
    assert wanted is not None
    return expand(spec, wanted, path, kubernetes=KUBERNETES)


def names(found: Expanded) -> list[str]:
    return [item["metadata"]["name"] for item in found.objects]


def test_values_and_the_kubernetes_version_come_from_the_environment(tmp_path: Path) -> None:
    chart = write_chart(tmp_path / "chart", {"config.yaml": CONFIG})
    (item,) = expanded(chart, with_values(mode='a "quoted", text', count=1000000)).objects
    assert item["data"] == {"kubernetes": "v1.35", "mode": 'a "quoted", text', "count": "1000000"}
    assert item["metadata"] == {"name": "settings", "namespace": "kserve"}


def test_an_archive_gives_the_same_objects_as_the_folder_that_it_was_made_of(tmp_path: Path) -> None:
    chart = write_chart(tmp_path / "chart", {"config.yaml": CONFIG})
    folder, archive = expanded(chart), expanded(package(chart, tmp_path / "packed"))
    assert folder.objects == archive.objects
    assert folder.expansion == archive.expansion
    assert folder.digest != archive.digest


def test_a_chart_is_expanded_alike_from_everywhere_and_whoever_runs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write_chart(tmp_path / "one" / "chart", {"config.yaml": CONFIG})
    second = write_chart(tmp_path / "two" / "chart", {"config.yaml": CONFIG})
    found = expanded(first)
    monkeypatch.setenv("HELM_KUBECONTEXT", "somewhere")
    monkeypatch.setenv("HELM_NAMESPACE", "elsewhere")
    monkeypatch.chdir(second)
    assert expanded(second) == found


def test_definitions_and_their_cluster_scoped_objects_get_no_namespace(tmp_path: Path) -> None:
    found = expanded(write_chart(tmp_path / "chart", {"kinds.yaml": DEFINITION, "config.yaml": CONFIG}))
    places = {item["kind"]: item["metadata"].get("namespace") for item in found.objects}
    assert places == {"CustomResourceDefinition": None, "Thing": None, "ConfigMap": "kserve"}


def test_a_namespace_that_the_chart_writes_itself_stays(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: reader, namespace: kube-system}\n"
    (item,) = expanded(write_chart(tmp_path / "chart", {"account.yaml": text})).objects
    assert item["metadata"]["namespace"] == "kube-system"


def test_objects_are_sorted_whatever_the_order_of_the_templates(tmp_path: Path) -> None:
    templates = {f"{n}.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {n}}}\n" for n in ("b", "a", "c")}
    assert names(expanded(write_chart(tmp_path / "chart", templates))) == ["a", "b", "c"]


def test_hooks_of_an_install_stay_and_those_that_no_apply_runs_are_left_out(tmp_path: Path) -> None:
    events = {
        "before": "pre-install,pre-upgrade",
        "after": "post-install",
        "both": "post-upgrade, test",
        "tested": "test",
        "tested-long-ago": "test-success",
        "cleanup": "pre-delete",
        "undo": "post-rollback,post-delete",
    }
    templates = {f"{name}.yaml": hook("ConfigMap", name, events[name]) for name in events}
    assert names(expanded(write_chart(tmp_path / "chart", templates))) == ["after", "before", "both"]


def test_a_chart_that_makes_random_values_is_refused_and_the_object_is_named(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {key: {{ randAlphaNum 16 }}}\n"
    chart = write_chart(tmp_path / "chart", {"secret.yaml": text, "config.yaml": CONFIG})
    with pytest.raises(VendorError) as caught:
        expanded(chart)
    assert str(caught.value) == (
        "kserve-crd: two runs of helm template differ in Secret key: fix such values in the add-on's values"
    )


def test_another_chart_than_the_one_asked_for_is_refused(tmp_path: Path) -> None:
    for name, version in (("kserve-resources", "v0.20.0"), ("kserve-crd", "v0.21.0")):
        chart = write_chart(tmp_path / version / name, {"config.yaml": CONFIG}, name=name, version=version)
        with pytest.raises(VendorError) as caught:
            expanded(chart)
        assert str(caught.value) == (
            f"kserve-crd: {chart} is chart {name} {version}; the environment asks for kserve-crd v0.20.0"
        )


def test_a_version_counts_as_the_same_with_and_without_its_v(tmp_path: Path) -> None:
    chart = write_chart(tmp_path / "chart", {"config.yaml": CONFIG}, version="0.20.0")
    assert names(expanded(chart)) == ["settings"]


def test_helms_own_words_are_passed_on(tmp_path: Path) -> None:
    chart = write_chart(tmp_path / "chart", {"broken.yaml": '{{ fail "set the region" }}'})
    with pytest.raises(VendorError, match=r"^kserve-crd: helm template: .*set the region"):
        expanded(chart)


def test_a_chart_whose_dependencies_were_not_fetched_is_refused(tmp_path: Path) -> None:
    more = 'dependencies: [{name: other, version: 1.0.0, repository: "https://charts.example.org"}]\n'
    chart = write_chart(tmp_path / "chart", {"config.yaml": CONFIG}, more=more)
    with pytest.raises(VendorError, match="missing in charts/ directory: other"):
        expanded(chart)


@pytest.mark.parametrize("name", ["empty", "text.tgz"])
def test_what_is_no_chart_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "empty":
        path.mkdir()
    else:
        path.write_text("no archive", encoding="utf-8")
    with pytest.raises(VendorError, match=r"^kserve-crd: helm show: "):
        expanded(path)


def test_two_templates_that_write_one_object_are_refused(tmp_path: Path) -> None:
    chart = write_chart(tmp_path / "chart", {"one.yaml": CONFIG, "two.yaml": CONFIG})
    with pytest.raises(VendorError, match="the chart writes ConfigMap kserve/settings twice"):
        expanded(chart)
