"""Every object has one writer: nothing is registered twice, and what controllers make is theirs by the table."""

from __future__ import annotations

from collections import Counter

import pytest

from bedplate.catalog import catalog
from bedplate.cli.pipeline import derived
from bedplate.environment.load import load
from bedplate.environment.targets import all_targets
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import as_object, kubernetes_objects
from tests.contracts.everything import everything
from tests.support.delivery import VERSIONS, handed_over
from tests.support.environments import ROOT

SHIPPED = all_targets(ROOT)


@pytest.fixture(scope="module", params=[*SHIPPED, "everything", "argocd", "flux"])
def graph(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Each shipped environment, the one in which every leaf of the schema has a value, and those that Argo CD or Flux
    delivers as far as it can, with derived objects.
    """
    if request.param in VERSIONS:
        root = handed_over(tmp_path_factory.mktemp("delivered"), request.param, "platform", "models")
        return derived(load(root, "dev"))
    if request.param == "everything":
        return derived(load(everything(tmp_path_factory.mktemp("everything")), "dev"))
    return derived(load(ROOT, request.param))


def test_no_two_registered_resources_write_the_same_object(graph: Graph) -> None:
    counts = Counter(item.id for item in kubernetes_objects(graph, derived=False))
    assert counts
    assert [str(identity) for identity, count in counts.items() if count > 1] == []


def test_every_registered_object_is_pulumis_by_a_provider_or_somebody_elses_without_one(graph: Graph) -> None:
    registered = [item.resource for item in kubernetes_objects(graph, derived=False)]
    assert [item.urn for item in registered if bool(item.provider) == bool(item.writer)] == []


def test_nothing_that_a_controller_makes_is_registered_too(graph: Graph) -> None:
    ours = {item.id for item in kubernetes_objects(graph, derived=False)}
    made = {item.id for item in kubernetes_objects(graph) if item.resource.derived_from is not None}
    assert made
    assert [str(identity) for identity in sorted(ours & made)] == []


def test_every_derived_object_has_a_writer_in_the_table(graph: Graph) -> None:
    whole = {(row.kind, row.made_by): row.writer for row in catalog.load().writers if row.path == "*"}
    untold = []
    for item in kubernetes_objects(graph):
        if item.resource.derived_from is not None:
            origin = as_object(graph[item.resource.derived_from]).kind
            writer = whole.get((item.kind, origin)) or whole.get((item.kind, ""))
            if writer in (None, "pulumi"):
                untold.append(f"{item.id} made of {origin}")
    assert untold == []


def test_no_registered_object_is_one_that_the_table_gives_to_a_controller(graph: Graph) -> None:
    """A patch writes single fields of an object that is there, and the table is about those."""
    theirs = {
        row.kind for row in catalog.load().writers if row.path == "*" and not row.made_by and row.writer != "pulumi"
    }
    assert "Pod" in theirs
    whole = [item for item in kubernetes_objects(graph, derived=False) if not item.resource.type.endswith("Patch")]
    assert [str(item.id) for item in whole if item.kind in theirs] == []
