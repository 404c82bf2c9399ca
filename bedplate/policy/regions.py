"""What policies read of regions: of AWS resources, of ARNs inside them, and of registries."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, format_path, get, is_opaque, walk
from bedplate.policy.policy import Finding, unknown

_ARN = re.compile(r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]+):[0-9a-z*-]*:.+", re.DOTALL)
# Private registries of Amazon ECR, by both forms of their host (Amazon ECR user guide, Private registry, read 2026-11).
_ECR = re.compile(
    r"[0-9]{12}\.dkr(?:\.ecr|-ecr)(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)"
)
LOGS = "logs"
"""Service of log groups in ARNs."""


def wanted(regions: Collection[str]) -> str:
    """What a finding wants."""
    return f"a region of residency: {', '.join(regions)}"


def judged(path: str, region: Json, regions: Collection[str]) -> Iterator[Finding]:
    """Whether `region` is one of `regions`; unknown where it is absent or known only after apply."""
    if region is None or is_opaque(region):
        yield unknown(path, wanted(regions), region)
    elif region not in regions:
        yield Finding(path=path, got=region, want=wanted(regions))


def region_of(resource: Resource, graph: Graph) -> Json:
    """The region of an AWS resource: its own, else its provider's; None where neither states one."""
    own = get(resource.inputs, "region")
    if own is not None or resource.provider is None or resource.provider not in graph:
        return own
    return get(graph[resource.provider].inputs, "region")


def foreign_arns(resource: Resource, regions: Collection[str], *, logs: bool) -> Iterator[Finding]:
    """ARNs among the inputs that name something in another region: log groups with `logs`, everything else without."""
    for path, value in walk(resource.inputs):
        found = _ARN.fullmatch(value) if isinstance(value, str) else None
        if found and (found["service"] == LOGS) is logs and found["region"] not in regions:
            yield Finding(path=format_path(path), got=value, want=wanted(regions))


def registry_region(host: str) -> str | None:
    """The region of a private registry of Amazon ECR; None where a host does not say where it is."""
    found = _ECR.fullmatch(host)
    return found["region"] if found else None
