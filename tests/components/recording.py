"""Records tiny programs around one component, and finds the objects that came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from bedplate.engine.recorder import record
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import KubernetesObject, kubernetes_objects, pod_spec
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, thaw


@dataclass(frozen=True, slots=True)
class Stage:
    """What a program stands on: options with providers for both clouds, and a resource to wait for."""

    opts: pulumi.ResourceOptions
    cluster: pulumi.Resource


def record_on_stage(program: Callable[[Stage], object]) -> Graph:
    """The Graph of `program`, which is run with explicit providers as stack `dev`."""

    def whole() -> None:
        cloud = aws.Provider("aws", region="us-east-1")
        cluster = k8s.Provider("cluster", kubeconfig="{}")
        program(Stage(pulumi.ResourceOptions(providers=[cloud, cluster]), cluster))

    return record(whole, stack="dev")


def find(graph: Graph, kind: str, name: str, namespace: str = "") -> KubernetesObject:
    """The one object of this identity. Fails naming what is there instead."""
    same_kind = [item for item in kubernetes_objects(graph) if item.kind == kind]
    matching = [item for item in same_kind if (item.name, item.namespace) == (name, namespace)]
    assert len(matching) == 1, f"no {kind} {namespace}/{name} among {[str(item.id) for item in same_kind]}"
    return matching[0]


def manifest(graph: Graph, kind: str, name: str, namespace: str = "") -> dict[str, Json]:
    """The manifest of the one object of this identity, as plain data."""
    plain: dict[str, Json] = thaw(find(graph, kind, name, namespace).manifest)
    return plain


def names(graph: Graph, kind: str) -> list[str]:
    """Names of all objects of `kind`, sorted."""
    return sorted(item.name for item in kubernetes_objects(graph) if item.kind == kind)


def one(graph: Graph, type_: str) -> Resource:
    """The only resource of a type."""
    (resource,) = graph.of_type(type_)
    return resource


def waits_for(graph: Graph, resource: Resource) -> frozenset[str]:
    """URNs of everything that is created before `resource`, directly or through others."""
    seen: set[str] = set()
    open_ends = list(resource.dependencies)
    while open_ends:
        urn = open_ends.pop()
        if urn not in seen:
            seen.add(urn)
            open_ends += graph[urn].dependencies
    return frozenset(seen)


def namespaces_before_objects(graph: Graph) -> None:
    """Assert that every namespaced object waits for its namespace, where the program makes that namespace."""
    made = {item.name: item.resource.urn for item in kubernetes_objects(graph) if item.kind == "Namespace"}
    for item in kubernetes_objects(graph):
        if item.namespace in made:
            assert made[item.namespace] in waits_for(graph, item.resource), f"{item.id} does not wait for its namespace"


def pods(graph: Graph) -> dict[str, Mapping[str, Json]]:
    """Pod specs of all workloads, by kind and name of the workload."""
    specs = {str(item.id): pod_spec(item.manifest) for item in kubernetes_objects(graph)}
    return {name: spec for name, spec in specs.items() if spec is not None}
