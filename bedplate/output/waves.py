"""The order in which Kubernetes objects can be applied by a tool that does not know their dependencies: in waves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from bedplate.graph.graph import Graph, GraphError
from bedplate.graph.kubernetes import KubernetesObject, kubernetes_objects
from bedplate.graph.resource import Resource


def waves(
    graph: Graph, chosen: Callable[[Resource], bool] = lambda _: True
) -> tuple[tuple[KubernetesObject, ...], ...]:
    """Registered objects of `graph` that are `chosen`: each needs only objects of earlier waves, and stands in the
    first such wave.

    Needs are the Graph's dependencies, also through resources outside Kubernetes, and what the API server asks for: an
    object's Namespace, and the CustomResourceDefinition of its kind, where these are registered too.
    """
    objects = [item for item in kubernetes_objects(graph, derived=False) if item.kind and chosen(item.resource)]
    numbers = _wave_numbers(graph, objects)
    count = max(numbers.values(), default=-1) + 1
    return tuple(tuple(item for item in objects if numbers[item.resource.urn] == wave) for wave in range(count))


def _wave_numbers(graph: Graph, objects: Iterable[KubernetesObject]) -> dict[str, int]:
    """Wave by URN of each object."""
    implied = _implied(objects)
    needs = {resource.urn: _needs(resource) | implied.get(resource.urn, set()) for resource in graph}
    waits: dict[str, int] = {}  # number of waves that must come before
    try:
        for urn in TopologicalSorter(needs).static_order():
            waits[urn] = max((waits[need] + (need in implied) for need in needs[urn]), default=0)
    except CycleError as error:
        raise GraphError("these resources need each other: " + " → ".join(error.args[1])) from None
    return {urn: waits[urn] for urn in implied}


def _needs(resource: Resource) -> set[str]:
    needs = {*resource.dependencies, resource.parent, resource.provider, resource.derived_from}
    for urns in resource.property_dependencies.values():
        needs.update(urns)
    return {urn for urn in needs if urn}


def _implied(objects: Iterable[KubernetesObject]) -> Mapping[str, set[str]]:
    """What the API server wants to exist before each object."""
    items = tuple(objects)
    namespaces = {item.name: item.resource.urn for item in items if item.kind == "Namespace"}
    definitions = {_defined(item): item.resource.urn for item in items if item.kind == "CustomResourceDefinition"}
    found: dict[str, set[str]] = {}
    for item in items:
        group = item.id.api_version.partition("/")[0] if "/" in item.id.api_version else ""
        wanted = {namespaces.get(item.namespace), definitions.get((group, item.kind))}
        found[item.resource.urn] = {urn for urn in wanted if urn and urn != item.resource.urn}
    return found


def _defined(item: KubernetesObject) -> tuple[str, str]:
    """Group and kind that a CustomResourceDefinition introduces."""
    return (str(item.get("spec", "group", default="")), str(item.get("spec", "names", "kind", default="")))
