"""The store component: a private S3 bucket with a key of its own."""

from __future__ import annotations

from dataclasses import replace

import pulumi
import pulumi_aws as aws

from components.base import Place, PlatformComponent, StoreHandle, safe_name
from components.iam import tls_only_bucket_policy
from components.security import encryption_key
from components.store.spec import StoreSpec

CONTENT_TAG = "bedplate:content"
INCOMPLETE_UPLOAD_DAYS = 7

# How long a deleted key, and with it the content, can be brought back: AWS allows 7 to 30 days.
_RECOVERY_DAYS = {True: 30, False: 7}


class Store(PlatformComponent):
    """A bucket: versioned, encrypted with a KMS key of its own, closed to the public, reached over TLS only.

    Old object versions go after the spec's number of days, parts of uploads that never finished after seven. ACLs are
    off: rights come from IAM policies alone. Who reads it (`readers`) is granted where the reader's role is made, on
    the handle's ARNs; the key's policy leaves its use to those IAM policies.

    Content cannot be made again, so a `protected` store refuses to be destroyed, by Pulumi and by S3 while it holds
    objects. One that is not protected goes with everything in it.
    """

    handle: StoreHandle

    def __init__(
        self,
        name: str,
        spec: StoreSpec,
        *,
        environment: str,
        account: str,
        region: str,
        protected: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`environment` and `account` make the bucket's name unique: bucket names are shared by all of AWS."""
        super().__init__(name, Place(layer="cluster", entry=f"stores[{spec.name}]"), opts)
        self._label = name
        self._protected = protected
        described = describe_store(spec, environment=environment, account=account)
        self._bucket_name = described.bucket
        self._bucket_arn = described.bucket_arn
        tags: dict[str, str] = {CONTENT_TAG: spec.content}

        key = self._create_key(described.key_alias, account, tags)
        bucket = self._create_bucket(region, tags)
        ready = (bucket, *self._lock_down(bucket, key), *self._keep_versions(spec, bucket))
        self.handle = replace(described, ready=ready)
        self.register_outputs({})

    def _create_key(self, alias: str, account: str, tags: dict[str, str]) -> aws.kms.Key:
        return encryption_key(
            self,
            f"{self._label}-key",
            alias=alias,
            description=f"Content of s3://{self._bucket_name}",
            account=account,
            recovery_days=_RECOVERY_DAYS[self._protected],
            tags=tags,
            protect=self._protected,
        )

    def _create_bucket(self, region: str, tags: dict[str, str]) -> aws.s3.Bucket:
        return aws.s3.Bucket(
            f"{self._label}-bucket",
            aws.s3.BucketArgs(
                bucket=self._bucket_name,
                # Stated, not inherited from the provider: this is where the data lives.
                region=region,
                force_destroy=not self._protected,
                tags={**tags, "Name": self._bucket_name},
            ),
            opts=self.child(protect=self._protected),
        )

    def _lock_down(self, bucket: aws.s3.Bucket, key: aws.kms.Key) -> tuple[pulumi.Resource, ...]:
        """Encryption, and everything that keeps strangers out."""
        encryption = aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self._label}-encryption",
            aws.s3.BucketServerSideEncryptionConfigurationInitArgs(bucket=bucket.bucket, rules=[_encrypt_with(key)]),
            opts=self.child(),
        )
        private = aws.s3.BucketPublicAccessBlock(
            f"{self._label}-private",
            aws.s3.BucketPublicAccessBlockArgs(
                bucket=bucket.bucket,
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
            opts=self.child(),
        )
        ownership = aws.s3.BucketOwnershipControls(
            f"{self._label}-ownership",
            aws.s3.BucketOwnershipControlsArgs(
                bucket=bucket.bucket,
                rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            ),
            opts=self.child(),
        )
        tls = aws.s3.BucketPolicy(
            f"{self._label}-tls",
            aws.s3.BucketPolicyArgs(bucket=bucket.bucket, policy=tls_only_bucket_policy(self._bucket_arn)),
            # S3 answers OperationAborted when both change a bucket at the same time.
            opts=self.child(depends_on=[private]),
        )
        return encryption, private, ownership, tls

    def _keep_versions(self, spec: StoreSpec, bucket: aws.s3.Bucket) -> tuple[pulumi.Resource, ...]:
        """Versioning, and when old versions and unfinished uploads go."""
        versioning = aws.s3.BucketVersioning(
            f"{self._label}-versioning",
            aws.s3.BucketVersioningInitArgs(
                bucket=bucket.bucket,
                versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            ),
            opts=self.child(),
        )
        lifecycle = aws.s3.BucketLifecycleConfiguration(
            f"{self._label}-lifecycle",
            aws.s3.BucketLifecycleConfigurationArgs(
                bucket=bucket.bucket, rules=[_forget_old_versions(spec.old_versions_days), _abort_uploads()]
            ),
            opts=self.child(depends_on=[versioning]),
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


def describe_store(spec: StoreSpec, *, environment: str, account: str) -> StoreHandle:
    """What others need to know of a store, with nothing to wait for: its names follow from the arguments."""
    bucket = safe_name("s3Bucket", "bedplate", environment, account, spec.name)
    return StoreHandle(
        name=spec.name,
        bucket=bucket,
        bucket_arn=f"arn:aws:s3:::{bucket}",
        key_alias=safe_name("kmsAlias", "alias/bedplate", environment, "store", spec.name),
    )
