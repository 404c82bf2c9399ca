"""The store component: a private S3 bucket with a key of its own."""

from __future__ import annotations

from dataclasses import replace

import pulumi
import pulumi_aws as aws

from components.base import Place, PlatformComponent, StoreHandle, safe_name
from components.bucket import private_bucket
from components.security import encryption_key
from components.store.spec import StoreSpec

CONTENT_TAG = "bedplate:content"

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
        tags: dict[str, str] = {CONTENT_TAG: spec.content}

        key = self._create_key(described, account, tags)
        bucket = private_bucket(
            self,
            name,
            name=described.bucket,
            region=region,
            key=key,
            old_versions_days=spec.old_versions_days,
            tags=tags,
            protect=protected,
        )
        self.handle = replace(described, ready=bucket.ready)
        self.register_outputs({})

    def _create_key(self, described: StoreHandle, account: str, tags: dict[str, str]) -> aws.kms.Key:
        return encryption_key(
            self,
            f"{self._label}-key",
            alias=described.key_alias,
            description=f"Content of s3://{described.bucket}",
            account=account,
            recovery_days=_RECOVERY_DAYS[self._protected],
            tags=tags,
            protect=self._protected,
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
