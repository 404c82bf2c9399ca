"""What was reviewed is what runs: images are named by digest."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.derive.expand import POD_TYPE
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.pods import containers, volumes
from bedplate.policy.policy import Control, Finding, Level, Policy, PolicyContext, Severity, unknown
from bedplate.units.image import split_image

POLICY = Policy(
    title="Every container runs an image with a digest",
    severity=Severity.MEDIUM,
    rationale="A tag can be moved to another image after the review; a digest cannot.",
    fix="run `bedplate lock`; for an image that a chart sets, pin it in the chart's values",
    targets=(POD_TYPE,),
    level=Level.ADVISORY,
    controls=(Control("NIST SP 800-53", "SI-7"), Control("SOC 2", "CC8.1")),
)

_WANT = "an image with @sha256:…"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Each image of each container, and each image that is mounted as a volume, carries a whole digest."""
    for path, container in containers(resource):
        yield from _pinned(f"{path}.image", get(container, "image"))
    for path, volume in volumes(resource):
        if get(volume, "image") is not None:
            yield from _pinned(f"{path}.image.reference", get(volume, "image", "reference"))


def _pinned(path: str, image: Json) -> Iterator[Finding]:
    if is_opaque(image):
        yield unknown(path, _WANT, image)
    elif not _has_digest(str(image or "")):
        yield Finding(path=path, got=image, want=_WANT)


def _has_digest(image: str) -> bool:
    try:
        return bool(split_image(image).digest)
    except ValueError:
        return False
