"""Data at rest is encrypted with a key that the company controls."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="Every bucket is encrypted with a KMS key that the company controls",
    severity=Severity.HIGH,
    rationale="With a customer key, reading data needs two rights, every use of the key is logged, and access can be "
    "withdrawn at once.",
    fix="make the bucket through a store of the environment: it has a key",
    targets=("aws:s3/bucket:Bucket",),
    controls=(
        Control("NIST SP 800-53", "SC-28"),
        Control("SOC 2", "CC6.1"),
        Control("HIPAA", "164.312(a)(2)(iv)"),
    ),
)

_CONFIGURATION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_KEY = "aws:kms/key:Key"
_ALGORITHMS = ("aws:kms", "aws:kms:dsse")
# The key that AWS keeps for every account: its policy cannot be changed.
_KEY_OF_AWS = "alias/aws/s3"
_WANT_KEY = "a KMS key of the company"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """The bucket's default encryption is KMS with a key of this environment, or with another that is not AWS's own.

    The ARN of a key that this environment makes is known after apply; that the value comes from such a key is enough.
    """
    configurations = [
        item
        for item in context.graph.of_type(_CONFIGURATION)
        if resource.urn in item.property_dependencies.get("bucket", ())
    ]
    if not configurations:
        yield Finding(path="encryption", got=None, want="a default encryption with aws:kms")
    for item in configurations:
        yield from _uses_key(item, context)


def _uses_key(configuration: Resource, context: PolicyContext) -> Iterator[Finding]:
    # A bucket has one rule; S3 refuses a second.
    default = get(configuration.inputs, "rules", 0, "applyServerSideEncryptionByDefault")
    algorithm, key = get(default, "sseAlgorithm"), get(default, "kmsMasterKeyId")
    if is_opaque(algorithm):
        yield unknown("encryption.sseAlgorithm", "aws:kms", algorithm)
    elif algorithm not in _ALGORITHMS:
        yield Finding(path="encryption.sseAlgorithm", got=algorithm, want="aws:kms")
    elif is_opaque(key):
        sources = configuration.property_dependencies.get("rules", ())
        if not any(context.graph[urn].type == _KEY for urn in sources):
            yield unknown("encryption.kmsMasterKeyId", _WANT_KEY, key)
    elif not key or str(key).endswith(_KEY_OF_AWS):
        yield Finding(path="encryption.kmsMasterKeyId", got=key, want=_WANT_KEY)
