"""A vendored chart: every object whole, in steps that wait for each other, and no secret in the plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from bedplate.engine.recorder import RecordError
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import kubernetes_objects
from bedplate.graph.values import SECRET, canonical, thaw
from components.chart.component import ChartNamespaces, VendoredChart
from tests.components.recording import Stage, find, names, record_on_stage, waits_for


def config(name: str, **changes: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "kserve"}, **changes}


def hook(name: str, events: str, weight: str | None = None) -> dict[str, Any]:
    annotations = {"helm.sh/hook": events} | ({} if weight is None else {"helm.sh/hook-weight": weight})
    return config(name, metadata={"name": name, "namespace": "kserve", "annotations": annotations})


DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.org"},
    "spec": {"group": "example.org", "scope": "Cluster", "names": {"kind": "Thing", "plural": "things"}},
}


def chart(*objects: Mapping[str, Any], name: str = "kserve") -> Graph:
    """A program with one chart that waits for the cluster."""

    def program(stage: Stage) -> None:
        VendoredChart(name, objects, after=[stage.cluster], opts=stage.opts)

    return record_on_stage(program)


def order(graph: Graph) -> list[list[str]]:
    """Names of the chart's objects in steps: each step waits for all of those before."""
    items = {item.name: item.resource for item in kubernetes_objects(graph)}
    before = {name: len(waits_for(graph, resource)) for name, resource in items.items()}
    return [sorted(name for name in items if before[name] == count) for count in sorted(set(before.values()))]


def test_every_object_is_registered_as_it_stands_in_the_file() -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "a:b"},
        "rules": [],
    }
    graph = chart(config("one", data={"a": "b"}), role)
    assert thaw(find(graph, "ConfigMap", "one", "kserve").manifest) == config("one", data={"a": "b"})
    assert thaw(find(graph, "ClusterRole", "a:b").manifest) == role


def test_types_carry_the_group_and_core_where_there_is_none() -> None:
    graph = chart(config("one"), {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "two"}})
    found = {item.name: item.resource.type for item in kubernetes_objects(graph)}
    assert found == {"one": "kubernetes:core/v1:ConfigMap", "two": "kubernetes:apps/v1:Deployment"}


def test_objects_answer_to_the_entry_of_their_addon() -> None:
    (item,) = kubernetes_objects(chart(config("one")))
    assert (item.resource.layer, item.resource.entry) == ("platform", "addons[kserve]")


def test_names_that_would_join_to_the_same_text_stay_apart() -> None:
    first = config("c", metadata={"name": "c", "namespace": "a-b"})
    second = config("b-c", metadata={"name": "b-c", "namespace": "a"})
    assert len(kubernetes_objects(chart(first, second))) == 2


def test_definitions_come_before_everything_else() -> None:
    thing = {"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "one"}}
    assert order(chart(thing, config("two"), DEFINITION)) == [["things.example.org"], ["one", "two"]]


def test_hooks_run_around_the_other_objects_by_weight() -> None:
    graph = chart(
        config("plain"),
        hook("last", "post-install", "5"),
        hook("later", "post-upgrade,post-install", "-1"),
        hook("second", "pre-install", "10"),
        hook("first", "pre-upgrade , pre-install", "-10"),
        DEFINITION,
    )
    assert order(graph) == [["things.example.org"], ["first"], ["second"], ["plain"], ["later"], ["last"]]


@pytest.mark.parametrize("weight", [None, "", "heavy"])
def test_a_weight_that_is_no_number_counts_as_zero(weight: str | None) -> None:
    graph = chart(
        hook("odd", "pre-install", weight), hook("heavier", "pre-install", "1"), hook("light", "pre-install", "-1")
    )
    assert order(graph) == [["light"], ["odd"], ["heavier"]]


def test_the_first_step_waits_for_what_the_chart_needs() -> None:
    graph = chart(config("one"))
    (item,) = kubernetes_objects(graph)
    (cluster,) = graph.of_type("pulumi:providers:kubernetes")
    assert cluster.urn in waits_for(graph, item.resource)


def test_everything_that_others_wait_for_is_ready() -> None:
    def program(stage: Stage) -> None:
        made = VendoredChart("kserve", [config("one"), DEFINITION], after=[], opts=stage.opts)
        VendoredChart("later", [config("two")], after=made.ready, opts=stage.opts)

    graph = record_on_stage(program)
    needed = waits_for(graph, find(graph, "ConfigMap", "two", "kserve").resource)
    assert {item.name for item in kubernetes_objects(graph) if item.resource.urn in needed} == {
        "one",
        "things.example.org",
    }


def test_contents_of_a_secret_never_reach_the_graph() -> None:
    metadata = {"name": "key", "namespace": "kserve"}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"k": "aGlkZGVu"}}
    graph = chart({**secret, "stringData": {"k": "hidden"}})
    manifest = find(graph, "Secret", "key", "kserve").manifest
    assert (manifest["data"], manifest["stringData"]) == (SECRET, SECRET)
    text = canonical(graph.to_json())
    assert b"aGlkZGVu" not in text
    assert b"hidden" not in text


def test_a_secret_without_contents_is_registered_as_it_is() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key", "namespace": "kserve"}}
    assert thaw(find(chart(secret), "Secret", "key", "kserve").manifest) == secret


def test_an_object_that_stands_twice_is_refused() -> None:
    with pytest.raises(RecordError, match="is registered twice"):
        chart(config("one"), config("one"))


def test_namespaces_of_charts_are_ready_before_their_objects() -> None:
    def program(stage: Stage) -> None:
        namespaces = ChartNamespaces("charts", ["kserve", "other"], opts=stage.opts)
        VendoredChart("kserve", [config("one")], after=namespaces.ready, opts=stage.opts)

    graph = record_on_stage(program)
    assert names(graph, "Namespace") == ["kserve", "other"]
    needed = waits_for(graph, find(graph, "ConfigMap", "one", "kserve").resource)
    assert find(graph, "Namespace", "kserve").resource.urn in needed


def test_a_chart_may_be_empty() -> None:
    def program(stage: Stage) -> None:
        pulumi.export("ready", len(VendoredChart("kserve", [], after=[], opts=stage.opts).ready))

    assert kubernetes_objects(record_on_stage(program)) == ()
