"""Images come from registries where residency says."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.environment.residency import site_region
from bedplate.graph.derive.expand import POD_TYPE
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.pods import containers
from bedplate.policy.policy import Control, Finding, Level, Policy, PolicyContext, Severity
from bedplate.policy.regions import judged, registry_region
from bedplate.units.image import split_image

POLICY = Policy(
    title="Images come from registries in the regions of residency",
    severity=Severity.LOW,
    rationale="A registry learns what runs where and when, and a region that pulls from another stands still with it. "
    "Of public registries nobody knows where they are.",
    fix="name a registry, of the environment or of the site, that mirrors images in a region of residency.data",
    targets=(POD_TYPE,),
    level=Level.ADVISORY,
    controls=(Control("NIST SP 800-53", "SA-9(5)"),),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Each container's registry is the site's, or one of Amazon ECR inside; of others nobody knows the region.

    Nothing is held against any region where the environment states no residency.
    """
    residency = context.environment.environment.residency
    if residency is None or (resource.derived_from is not None and resource.urn not in context.sample_pods):
        return
    for path, container in containers(resource):
        image = get(container, "image")
        region = image if is_opaque(image) else _region(str(image or ""), context)
        for finding in judged(f"{path}.image", region, residency.data):
            yield finding if is_opaque(region) else _with_image(finding, image)


def _region(image: str, context: PolicyContext) -> str | None:
    site, registry = context.environment.site, context.environment.registry
    if site and site.registry and image.startswith(f"{registry}/"):
        return site_region(context.environment)
    try:
        return registry_region(split_image(image).registry)
    except ValueError:
        return None


def _with_image(finding: Finding, image: Json) -> Finding:
    """A reader looks for the image, not for its region."""
    return Finding(path=finding.path, got=image, want=finding.want, verdict=finding.verdict)
