"""Buckets are not public, whatever a later policy says."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="Every bucket blocks public access",
    severity=Severity.CRITICAL,
    rationale="Weights and training data are the company's. One bucket policy written in haste publishes them, unless "
    "public access is blocked.",
    fix="make the bucket through a store of the environment: it blocks public access",
    targets=("aws:s3/bucket:Bucket",),
    controls=(Control("NIST SP 800-53", "AC-3"), Control("SOC 2", "C1.1")),
)

_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_SETTINGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """A public access block with all four settings belongs to the bucket. Each is off where it is not written."""
    blocks = [
        block
        for block in context.graph.of_type(_BLOCK)
        if resource.urn in block.property_dependencies.get("bucket", ())
    ]
    if not blocks:
        yield Finding(path="publicAccessBlock", got=None, want="a public access block for this bucket")
    for block in blocks:
        for setting in _SETTINGS:
            got = get(block.inputs, setting)
            if is_opaque(got):
                yield unknown(f"publicAccessBlock.{setting}", "true", got)
            elif got is not True:
                yield Finding(path=f"publicAccessBlock.{setting}", got=got, want="true")
