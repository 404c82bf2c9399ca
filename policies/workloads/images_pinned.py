"""What was reviewed is what runs: images are named by digest."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.policy.policy import Control, Finding, Level, Policy, PolicyContext, Severity

POLICY = Policy(
    title="Every container runs an image with a digest",
    severity=Severity.MEDIUM,
    rationale="A tag can be moved to another image after the review; a digest cannot.",
    fix="run `bedplate lock`; for an image that a chart sets, pin it in the chart's values",
    targets=("kubernetes:core/v1:Pod",),
    level=Level.ADVISORY,
    controls=(Control("NIST SP 800-53", "SI-7"), Control("SOC 2", "CC8.1"), Control("HIPAA", "164.312(c)(2)")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Each image of each container, init containers included, ends in @sha256:…"""
    spec = resource.inputs["spec"]
    for kind in ("initContainers", "containers"):
        for container in spec.get(kind, ()):
            image = str(container.get("image", ""))
            if "@sha256:" not in image:
                yield Finding(path=f"spec.{kind}[{container['name']}].image", got=image, want="an image with @sha256:…")
