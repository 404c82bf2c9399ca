"""Devices that pods claim (dynamic resource allocation), as far as they can be counted.

Devices of one class are alike on a node, and classes share none: a claim of some of them is a number, as a request for
an extended resource is. Whatever else a claim asks for is left to the scheduler, and said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bedplate.capacity.resources import Amount, devices
from bedplate.catalog.devices import profile_of
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import kubernetes_objects
from bedplate.graph.values import Json, get

_KNOWN_FIELDS = frozenset({"deviceClassName", "allocationMode", "count"})


@dataclass(frozen=True, slots=True)
class Claims:
    """Requests of every ResourceClaimTemplate, by namespace and name."""

    templates: Mapping[tuple[str, str], Mapping[str, Json]] = field(default_factory=dict)

    def of(self, namespace: str, spec: Mapping[str, Json]) -> Amount:
        """What a pod with PodSpec `spec` claims, as far as it can be counted."""
        counts: dict[str, int] = {}
        for claim in spec.get("resourceClaims") or ():
            for request in self._requests(namespace, claim) if not self._doubt(namespace, claim) else ():
                exactly = request["exactly"]
                name = str(exactly["deviceClassName"])
                counts[name] = counts.get(name, 0) + int(exactly.get("count", 1))
        return Amount(devices=devices(counts))

    def uncounted(self, namespace: str, spec: Mapping[str, Json]) -> tuple[str, ...]:
        """Why nobody can say of a pod with PodSpec `spec` what it claims; empty where it can be counted, or is none."""
        return tuple(self._doubts(namespace, spec))

    def _doubts(self, namespace: str, spec: Mapping[str, Json]) -> Iterator[str]:
        for claim in spec.get("resourceClaims") or ():
            if doubt := self._doubt(namespace, claim):
                yield f"the resource claim {claim.get('name')} is not part of the proof: {doubt}"

    def _doubt(self, namespace: str, claim: Mapping[str, Json]) -> str:
        template = claim.get("resourceClaimTemplateName")
        if not template:
            return "it may be shared"
        if (namespace, template) not in self.templates:
            return f"there is no template {template}"
        if get(self.templates[namespace, template], "constraints"):
            return "its template has constraints"
        return next(filter(None, map(_doubt_of_request, self._requests(namespace, claim))), "")

    def _requests(self, namespace: str, claim: Mapping[str, Json]) -> list[Mapping[str, Json]]:
        template = self.templates[namespace, str(claim["resourceClaimTemplateName"])]
        return list(template.get("requests") or ())


def claims_of(graph: Graph) -> Claims:
    """The templates of `graph`."""
    found = {
        (item.namespace, item.name): get(item.manifest, "spec", "spec", "devices", default={})
        for item in kubernetes_objects(graph)
        if item.kind == "ResourceClaimTemplate"
    }
    return Claims(found)


def _doubt_of_request(request: Mapping[str, Json]) -> str:
    exactly = request.get("exactly")
    if not exactly:
        return "it has alternatives"
    if exactly.get("allocationMode", "ExactCount") != "ExactCount":
        return "it asks for all devices"
    if more := sorted(exactly.keys() - _KNOWN_FIELDS):
        return f"it asks for {', '.join(more)}"
    try:
        profile_of(str(exactly["deviceClassName"]))
    except ValueError:
        return f"the device class {exactly['deviceClassName']} is not Bedplate's"
    return ""
