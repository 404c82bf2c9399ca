"""Rights over the state: each stack's own files in the bucket, and the key that encrypts them. Pure.

Where Pulumi puts a stack's files was read in pulumi/pkg v3.259.0 (backend/diy: store.go, state.go, lock.go, meta.go,
stack_tags.go), project-scoped layout.
"""

from __future__ import annotations

from collections.abc import Sequence

from components.bootstrap.location import StateKey, StateLocation
from components.iam import Statement

PROJECT = "bedplate"
LAYER_TAG = "bedplate:layer"
_READ = ("s3:GetObject",)
_WRITE = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject")
_USE = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey")
_DECRYPT = ("kms:Decrypt", "kms:DescribeKey")
# What AWS's console gives to key administrators: nothing that sees or makes plain text.
_ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
# What would change the bucket itself, or take away versions; the wildcards are in a Deny.
_BUCKET_CHANGES = (
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket*",
    "s3:DeleteObjectVersion*",
    "s3:Put*Configuration",
    "s3:PutBucket*",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
)
_KEY_CHANGES = (
    "kms:*Alias",
    "kms:CreateGrant",
    "kms:DeleteImportedKeyMaterial",
    "kms:Disable*",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
)


def stack_files(stack: str) -> tuple[str, ...]:
    """Keys of everything that Pulumi keeps about `stack` in a bucket: checkpoint, tags, history, backups, locks."""
    return (
        f".pulumi/stacks/{PROJECT}/{stack}.json*",
        f".pulumi/stacks/{PROJECT}/{stack}.pulumi-tags",
        f".pulumi/history/{PROJECT}/{stack}/*",
        f".pulumi/backups/{PROJECT}/{stack}/*",
        f".pulumi/locks/organization/{PROJECT}/{stack}/*",
    )


def state_statements(location: StateLocation, *, own: Sequence[str], reads: Sequence[str]) -> tuple[Statement, ...]:
    """Read and write the stacks `own`, read the checkpoints of the stacks `reads`, and see which stacks there are.

    Listing is allowed without a prefix too, since S3 answers "not found" instead of "denied" only to those who may
    list. Old versions stay out of reach: what a role overwrites can be brought back.
    """

    def arns(keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"{location.arn}/{location.prefix}{key}" for key in keys)

    readable = [".pulumi/meta.yaml", *(f".pulumi/stacks/{PROJECT}/{stack}.json*" for stack in reads)]
    statements = [
        Statement(
            sid="SeeStacks",
            actions=("s3:ListBucket",),
            resources=(location.arn,),
            conditions={"StringLikeIfExists": {"s3:prefix": f"{location.prefix}.pulumi/*"}},
        ),
        Statement(sid="ReadState", actions=_READ, resources=arns(readable)),
    ]
    if own:
        files = [key for stack in own for key in stack_files(stack)]
        statements.append(Statement(sid="WriteState", actions=_WRITE, resources=arns(files)))
    return tuple(statements)


def key_statement(key: StateKey, *, account: str, region: str, write: bool) -> Statement:
    """Use the state's key: decrypt, and encrypt where the stack is written."""
    home = key.region or region
    arn = key.reference if key.reference.startswith("arn:") else f"arn:aws:kms:{home}:{account}:key/{key.reference}"
    return Statement(
        sid="UseStateKey",
        actions=_USE if write else _DECRYPT,
        resources=(f"arn:aws:kms:{home}:{account}:key/*",) if key.alias else (arn,),
        conditions={"ForAnyValue:StringEquals": {"kms:ResourceAliases": key.alias}} if key.alias else {},
    )


def key_policy(account: str, *, users: Sequence[str], readers: Sequence[str]) -> tuple[Statement, ...]:
    """Policy of the state's key. The account's policies administer it; only the roles named here encrypt and decrypt.

    Roles are held against aws:PrincipalArn instead of being named as principals: KMS refuses a principal that does not
    exist yet, and forgets one that was deleted and made again.
    """
    everybody = {"AWS": f"arn:aws:iam::{account}:root"}

    def only(sid: str, actions: tuple[str, ...], roles: Sequence[str]) -> Statement:
        conditions = {"ArnEquals": {"aws:PrincipalArn": tuple(roles)}}
        return Statement(sid=sid, actions=actions, resources=("*",), principal=everybody, conditions=conditions)

    administration = Statement(
        sid="AdministerByAccountPolicies", actions=_ADMINISTRATION, resources=("*",), principal=everybody
    )
    return (administration, only("UseState", _USE, users), only("ReadState", _DECRYPT, readers))


def hands_off(location: StateLocation | None, *, account: str, region: str, path: str) -> tuple[Statement, ...]:
    """What no role but that of the bootstrap layer may do, whatever else allows it: touch what bootstrap made."""
    statements = [
        Statement(
            sid="NotBootstrapIdentity",
            effect="Deny",
            actions=("iam:*",),
            resources=(f"arn:aws:iam::{account}:policy{path}*", f"arn:aws:iam::{account}:role{path}*"),
        ),
        Statement(
            sid="NotBootstrapKeys",
            effect="Deny",
            actions=_KEY_CHANGES,
            resources=(f"arn:aws:kms:{region}:{account}:key/*",),
            conditions={"StringEquals": {f"aws:ResourceTag/{LAYER_TAG}": "bootstrap"}},
        ),
    ]
    if location is not None:
        bucket = (location.arn, f"{location.arn}/*")
        statements.append(Statement(sid="NotStateBucket", effect="Deny", actions=_BUCKET_CHANGES, resources=bucket))
    return tuple(statements)
