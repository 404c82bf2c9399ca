"""The Graph of a running engine: what it shows to policies, in the recorder's form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pulumi.runtime.proto import analyzer_pb2 as pb

from bedplate.graph.derive.expand import UNDERIVABLE
from bedplate.graph.graph import Graph
from bedplate.graph.resource import COMPONENT_PREFIX, Resource
from bedplate.graph.values import Json, format_path, freeze, is_unknown, walk

_PROVIDER_PREFIX = "pulumi:providers:"


def stack_graph(
    environment: str, shown: Iterable[pb.AnalyzerResource], inputs: Mapping[str, Mapping[str, Json]]
) -> Graph:
    """The Graph of the resources that the engine shows at the end; `inputs` by URN are those that it showed before.

    It equals the recorder's, but for inputs that a provider's Check adds. A resource that was shown without inputs, or
    a Kubernetes object that is not known whole, stands there empty, beside an `UNDERIVABLE` with the reason: no judge
    can read it, and that counts as one unknown. Raises GraphError where a resource is missing that others need.
    """
    resources: dict[str, Resource] = {}
    gaps: list[Resource] = []
    for item in shown:
        known = inputs.get(item.urn)
        resource = _resource(item, known or {})
        reason = "the engine does not show its inputs" if known is None else _gap(resource)
        if reason:
            gaps.append(_underivable(resource, reason))
            resource = replace(resource, inputs=freeze({}))
        resources[resource.urn] = resource
    return Graph(environment=environment, resources=[*(_placed(item, resources) for item in resources.values()), *gaps])


def _resource(item: pb.AnalyzerResource, inputs: Mapping[str, Json]) -> Resource:
    has_provider = item.HasField("provider")
    options = {"protect": item.options.protect, "ignoreChanges": sorted(item.options.ignoreChanges)}
    return Resource(
        urn=item.urn,
        type=item.type,
        name=item.name,
        custom=has_provider or item.type.startswith(_PROVIDER_PREFIX),
        parent=item.parent or None,
        provider=item.provider.urn if has_provider else None,
        inputs=freeze(inputs),
        dependencies=tuple(sorted(item.dependencies)),
        property_dependencies=freeze({key: sorted(each.urns) for key, each in item.propertyDependencies.items()}),
        options=freeze({key: value for key, value in options.items() if value}),
    )


def _gap(resource: Resource) -> str:
    """Why nothing can be derived from `resource`; empty where its manifest is whole, or where it has none."""
    if resource.is_kubernetes:
        for path, value in walk(resource.inputs):
            if is_unknown(value):
                return f"{format_path(path)} is known only after apply; Kubernetes objects are judged whole"
    return ""


def _underivable(resource: Resource, reason: str) -> Resource:
    return Resource(
        urn=f"{resource.urn}#underivable",
        type=UNDERIVABLE,
        name=resource.name,
        custom=False,
        inputs=freeze({"subject": resource.name, "reason": reason}),
        derived_from=resource.urn,
    )


def _placed(resource: Resource, resources: Mapping[str, Resource]) -> Resource:
    """`resource` with the layer, entry and team of its nearest component, as the recorder gives them."""
    component: Resource | None = resource
    while component is not None and not component.type.startswith(COMPONENT_PREFIX):
        component = resources.get(component.parent or "")
    if component is None:
        return resource
    layer, entry, team = (str(component.inputs.get(key, "")) for key in ("layer", "entry", "team"))
    return replace(resource, layer=layer, entry=entry, team=team)
