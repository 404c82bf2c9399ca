"""Where pods load weights from, and the rights that this takes."""

from __future__ import annotations

from components.base import StoreHandle
from components.iam import Statement, policy_document
from components.model_service.spec import ModelRelease


def storage_uri(release: ModelRelease, store: StoreHandle | None) -> str:
    """URI for KServe's storage initialiser: the store's folder of this release, else the pinned commit on the hub."""
    if store is not None:
        return f"s3://{store.bucket}/{release_folder(release)}"
    source = release.source.hugging_face
    return f"hf://{source.repository}:{source.revision}"


def release_folder(release: ModelRelease) -> str:
    """Key prefix of a release in a store. It ends at a slash: 1.0.1 must not match 1.0.10."""
    return f"{release.name}/{release.version}/"


def read_policy(release: ModelRelease, store: StoreHandle, *, account: str, region: str) -> str:
    """IAM policy: read this release in `store`, and nothing else.

    The storage initialiser asks for the bucket before it lists the folder (HeadBucket, the same right without a
    prefix), so the prefix is held against requests that name one. The account keeps out a bucket of the same name
    that somebody else might own one day. The key is named by its alias, which is known before the key exists.
    """
    own_account = {"aws:ResourceAccount": account}
    folder = release_folder(release)
    return policy_document(
        [
            Statement(
                sid="ReadRelease",
                actions=("s3:GetObject",),
                resources=(f"{store.bucket_arn}/{folder}*",),
                conditions={"StringEquals": own_account},
            ),
            Statement(
                sid="ListRelease",
                actions=("s3:ListBucket",),
                resources=(store.bucket_arn,),
                conditions={"StringEquals": own_account, "StringEqualsIfExists": {"s3:prefix": folder}},
            ),
            Statement(
                sid="DecryptRelease",
                actions=("kms:Decrypt",),
                resources=(f"arn:aws:kms:{region}:{account}:key/*",),
                conditions={
                    "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
                    "ForAnyValue:StringEquals": {"kms:ResourceAliases": store.key_alias},
                },
            ),
        ]
    )
