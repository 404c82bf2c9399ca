"""IAM roles and KMS keys, made the same way by every component that needs one."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import PlatformComponent
from components.iam import account_key_policy, managed_policy_arn


@dataclass(frozen=True, slots=True)
class ManagedRole:
    """An IAM role. Whoever uses it waits for `ready`: the role with its policies attached."""

    arn: pulumi.Output[str]
    ready: tuple[pulumi.Resource, ...]


def managed_role(
    parent: PlatformComponent, label: str, *, name: str, account: str, trust: str, policies: tuple[str, ...]
) -> ManagedRole:
    """A role called `name` in AWS with `policies` (names of those that AWS maintains, or ARNs), below `parent`.

    The ARN follows from the account and the name, so that it is known before apply and still depends on the role.
    """
    role = aws.iam.Role(
        label,
        aws.iam.RoleArgs(name=name, assume_role_policy=trust),
        opts=parent.child(),
    )
    attachments = [
        aws.iam.RolePolicyAttachment(
            f"{label}-{policy.rpartition('/')[2]}",
            aws.iam.RolePolicyAttachmentArgs(role=role.name, policy_arn=_policy_arn(policy)),
            opts=parent.child(),
        )
        for policy in policies
    ]
    arn = pulumi.Output.concat(f"arn:aws:iam::{account}:role/", role.name)
    return ManagedRole(arn, (role, *attachments))


def _policy_arn(policy: str) -> str:
    return policy if policy.startswith("arn:") else managed_policy_arn(policy)


def encryption_key(
    parent: PlatformComponent,
    label: str,
    *,
    alias: str,
    description: str,
    account: str,
    recovery_days: int,
    tags: dict[str, str] | None = None,
    protect: bool = False,
    policy: str | None = None,
) -> aws.kms.Key:
    """A symmetric KMS key with yearly rotation, and the alias (``alias/…``) that people find it by.

    `recovery_days` (7 to 30) is how long AWS keeps a deleted key, and what it encrypted, recoverable. `policy` is the
    key's; without one its use is left to the account's IAM policies.

    KMS makes no key whose policy its maker could not change afterwards, unless it is told that this is meant: roles of
    layers never may. The account's administrators can, by every policy of ours. Source: AWS KMS API reference,
    CreateKey, BypassPolicyLockoutSafetyCheck.
    """
    key = aws.kms.Key(
        label,
        aws.kms.KeyArgs(
            description=description,
            policy=policy or account_key_policy(account),
            bypass_policy_lockout_safety_check=True,
            enable_key_rotation=True,
            rotation_period_in_days=365,
            deletion_window_in_days=recovery_days,
            tags=tags,
        ),
        opts=parent.child(protect=protect),
    )
    aws.kms.Alias(
        label,
        aws.kms.AliasArgs(name=alias, target_key_id=key.key_id),
        opts=parent.child(),
    )
    return key
