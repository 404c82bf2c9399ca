"""Registers EKS add-ons, each with a role of its own where it needs rights."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.base import PlatformComponent, safe_name
from components.cluster.addons import EksAddon
from components.iam import pod_identity_trust_policy
from components.security import ManagedRole, managed_role


def install_addons(
    parent: PlatformComponent,
    addons: Sequence[EksAddon],
    *,
    cluster: str,
    address: pulumi.Input[str],
    account: str,
    after: Sequence[pulumi.Resource],
) -> tuple[pulumi.Resource, ...]:
    """`addons` as children of `parent`, each after those that it needs. They come in that order.

    Roles are called after `cluster`; the add-ons stand in the one at `address`, its name as an output of what made it.
    """
    made: dict[str, aws.eks.Addon] = {}
    for addon in addons:
        first = [*after, *(made[name] for name in addon.needs if name in made)]
        made[addon.name] = _install(parent, addon, cluster=cluster, address=address, account=account, after=first)
    return tuple(made.values())


def _install(
    parent: PlatformComponent,
    addon: EksAddon,
    *,
    cluster: str,
    address: pulumi.Input[str],
    account: str,
    after: Sequence[pulumi.Resource],
) -> aws.eks.Addon:
    """EKS overwrites what others changed: Bedplate is its only writer."""
    label = f"{parent.pulumi_resource_name}-{addon.name}"
    associations: list[aws.eks.AddonPodIdentityAssociationArgs] = []
    if addon.policies:
        role = _create_role(parent, label, addon, cluster=cluster, account=account)
        associations = [
            aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account=service_account)
            for service_account in addon.service_accounts
        ]
        after = [*after, *role.ready]
    return aws.eks.Addon(
        label,
        aws.eks.AddonArgs(
            cluster_name=address,
            addon_name=addon.name,
            addon_version=addon.version,
            configuration_values=addon.configuration,
            pod_identity_associations=associations or None,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            preserve=False,
        ),
        opts=parent.child(depends_on=after),
    )


def _create_role(parent: PlatformComponent, label: str, addon: EksAddon, *, cluster: str, account: str) -> ManagedRole:
    trust = pod_identity_trust_policy(
        cluster=cluster, namespace=addon.namespace, service_account=addon.service_accounts
    )
    name = safe_name("iamRole", cluster, "addon", addon.name)
    return managed_role(parent, label, name=name, account=account, trust=trust, policies=addon.policies)
