"""Data at rest is encrypted with a key that the company controls."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="Every bucket is encrypted with a KMS key of its own",
    severity=Severity.HIGH,
    rationale="With a customer key, reading data needs two rights, every use of the key is logged, and access can be "
    "withdrawn at once.",
    fix="make the bucket through a store of the environment: it has a key",
    targets=("aws:s3/bucket:Bucket",),
    controls=(
        Control("CIS EKS 1.8.0", "5.3.1"),
        Control("NIST SP 800-53", "SC-28"),
        Control("SOC 2", "CC6.1"),
        Control("HIPAA", "164.312(a)(2)(iv)"),
    ),
)

_ENCRYPTION_TYPE = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_ALGORITHMS = ("aws:kms", "aws:kms:dsse")


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """The bucket's default encryption is KMS, and it names a key (the key's ARN itself is known after apply)."""
    configurations = [
        item
        for item in context.graph.of_type(_ENCRYPTION_TYPE)
        if resource.urn in item.property_dependencies.get("bucket", ())
    ]
    if not configurations:
        yield Finding(path="encryption", got=None, want="a default encryption with aws:kms")
        return
    default = get(configurations[0].inputs, "rules", 0, "applyServerSideEncryptionByDefault", default={})
    algorithm = get(default, "sseAlgorithm")
    if is_opaque(algorithm):
        yield unknown("encryption.sseAlgorithm", "aws:kms")
    elif algorithm not in _ALGORITHMS:
        yield Finding(path="encryption.sseAlgorithm", got=algorithm, want="aws:kms")
    elif get(default, "kmsMasterKeyId") is None:
        yield Finding(path="encryption.kmsMasterKeyId", got=None, want="a KMS key of the environment")
