"""S3 buckets, made the same way by every component that keeps data in one."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import PlatformComponent
from components.iam import tls_only_bucket_policy

INCOMPLETE_UPLOAD_DAYS = 7


@dataclass(frozen=True, slots=True)
class PrivateBucket:
    """A bucket. Whoever uses it waits for `ready`: the bucket with everything that guards it."""

    bucket: aws.s3.Bucket
    versioning: pulumi.Resource
    ready: tuple[pulumi.Resource, ...]


def private_bucket(
    parent: PlatformComponent,
    label: str,
    *,
    name: str,
    region: str,
    key: aws.kms.Key,
    old_versions_days: int,
    tags: dict[str, str],
    protect: bool,
    object_lock: bool = False,
) -> PrivateBucket:
    """A bucket called `name`, as children `label`… of `parent`: versioned, encrypted, closed to the public, TLS only.

    Old object versions go after `old_versions_days`, parts of uploads that never finished after seven. ACLs are off:
    rights come from policies alone. One that is not to `protect` is destroyed with everything in it.
    """
    bucket = aws.s3.Bucket(
        f"{label}-bucket",
        aws.s3.BucketArgs(
            bucket=name,
            # Stated, not inherited from the provider: this is where the data lives.
            region=region,
            force_destroy=not protect,
            object_lock_enabled=True if object_lock else None,
            tags={**tags, "Name": name},
        ),
        opts=parent.child(protect=protect),
    )
    versioning, lifecycle = _keep_versions(parent, label, bucket, old_versions_days)
    guards = _lock_down(parent, label, bucket, key, f"arn:aws:s3:::{name}")
    return PrivateBucket(bucket, versioning, (bucket, *guards, versioning, lifecycle))


def _lock_down(
    parent: PlatformComponent, label: str, bucket: aws.s3.Bucket, key: aws.kms.Key, arn: str
) -> tuple[pulumi.Resource, ...]:
    """Encryption, and everything that keeps strangers out."""
    encryption = aws.s3.BucketServerSideEncryptionConfiguration(
        f"{label}-encryption",
        aws.s3.BucketServerSideEncryptionConfigurationInitArgs(bucket=bucket.bucket, rules=[_encrypt_with(key)]),
        opts=parent.child(),
    )
    private = aws.s3.BucketPublicAccessBlock(
        f"{label}-private",
        aws.s3.BucketPublicAccessBlockArgs(
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        ),
        opts=parent.child(),
    )
    ownership = aws.s3.BucketOwnershipControls(
        f"{label}-ownership",
        aws.s3.BucketOwnershipControlsArgs(
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        ),
        opts=parent.child(),
    )
    tls = aws.s3.BucketPolicy(
        f"{label}-tls",
        aws.s3.BucketPolicyArgs(bucket=bucket.bucket, policy=tls_only_bucket_policy(arn)),
        # S3 answers OperationAborted when both change a bucket at the same time.
        opts=parent.child(depends_on=[private]),
    )
    return encryption, private, ownership, tls


def _keep_versions(
    parent: PlatformComponent, label: str, bucket: aws.s3.Bucket, days: int
) -> tuple[pulumi.Resource, pulumi.Resource]:
    """Versioning, and when old versions and unfinished uploads go."""
    versioning = aws.s3.BucketVersioning(
        f"{label}-versioning",
        aws.s3.BucketVersioningInitArgs(
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        ),
        opts=parent.child(),
    )
    lifecycle = aws.s3.BucketLifecycleConfiguration(
        f"{label}-lifecycle",
        aws.s3.BucketLifecycleConfigurationArgs(
            bucket=bucket.bucket, rules=[_forget_old_versions(days), _abort_uploads()]
        ),
        opts=parent.child(depends_on=[versioning]),
    )
    return versioning, lifecycle


def _encrypt_with(key: aws.kms.Key) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    """SSE-KMS with a bucket key, which asks KMS once per bucket key instead of once per object."""
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=(
            aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                sse_algorithm="aws:kms", kms_master_key_id=key.arn
            )
        ),
        bucket_key_enabled=True,
    )


def _every_object() -> aws.s3.BucketLifecycleConfigurationRuleFilterArgs:
    return aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="")


def _forget_old_versions(days: int) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="old-versions",
        status="Enabled",
        filter=_every_object(),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=days
        ),
        # A delete marker that hides no version any more.
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
    )


def _abort_uploads() -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="unfinished-uploads",
        status="Enabled",
        filter=_every_object(),
        abort_incomplete_multipart_upload=(
            aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=INCOMPLETE_UPLOAD_DAYS
            )
        ),
    )
