"""Nodes without a way to the internet pull images from registries that they reach."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.derive.expand import POD_TYPE
from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.pods import containers
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown
from bedplate.policy.regions import registry_region
from bedplate.units.image import split_image

POLICY = Policy(
    title="Private nodes pull images from a mirror, or from Amazon ECR in their region",
    severity=Severity.HIGH,
    rationale="In a VPC without a way to the internet only Amazon ECR of the same region is reached, through an "
    "endpoint: a pod with an image of another registry never starts.",
    fix="set registry to what mirrors every image, for example a repository prefix in Amazon ECR of the region",
    targets=(POD_TYPE,),
    controls=(Control("NIST SP 800-53", "SC-7"),),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """With connectivity private every image comes from the environment's mirror or from Amazon ECR of its region.

    Whether the mirror itself is reached is not looked at: its name does not say where it stands.
    """
    resolved = context.environment
    if resolved.environment.connectivity != "private":
        return
    if resource.derived_from is not None and resource.urn not in context.sample_pods:
        return
    region = resolved.environment.region
    want = f"{resolved.registry}/… or Amazon ECR in {region}" if resolved.registry else f"Amazon ECR in {region}"
    for path, container in containers(resource):
        image = get(container, "image")
        if image is None or is_opaque(image):
            yield unknown(f"{path}.image", want, image)
        elif not _reached(str(image), resolved.registry, region):
            yield Finding(path=f"{path}.image", got=image, want=want)


def _reached(image: str, mirror: str, region: str) -> bool:
    if mirror and image.startswith(f"{mirror}/"):
        return True
    try:
        return registry_region(split_image(image).registry) == region
    except ValueError:
        return False
