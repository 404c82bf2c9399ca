"""Nodes that start later are like those that were tested."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"

POLICY = Policy(
    title="Nodes start from a stated release of their image",
    severity=Severity.MEDIUM,
    rationale="Without a release EKS takes the newest: two pools of one environment then run other kernels and "
    "drivers, and what staging proved is not what production starts.",
    fix="name a baseline, which has a release, or set ami.release of the pool",
    targets=("aws:eks/nodeGroup:NodeGroup",),
    controls=(Control("NIST SP 800-53", "CM-2"), Control("SOC 2", "CC8.1")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """The node group states its release, or its launch template an image of its own."""
    release = resource.inputs.get("releaseVersion")
    if is_opaque(release):
        yield unknown("releaseVersion", "a release", release)
    elif not release and not _has_image(resource, context):
        yield Finding(path="releaseVersion", got=release, want="a release, as 1.35.6-20260714")


def _has_image(resource: Resource, context: PolicyContext) -> bool:
    sources = (context.graph[urn] for urn in resource.property_dependencies.get("launchTemplate", ()))
    return any(item.type == _TEMPLATE and item.inputs.get("imageId") for item in sources)
