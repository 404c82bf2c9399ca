"""Registers EKS add-ons, each with a role of its own where it needs rights."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.base import PlatformComponent, safe_name
from components.cluster.addons import EksAddon, PodIdentity
from components.iam import pod_identity_trust_policy
from components.security import ManagedRole, managed_role


def install_addon(
    parent: PlatformComponent, addon: EksAddon, *, cluster: str, account: str, after: Sequence[pulumi.Resource]
) -> aws.eks.Addon:
    """`addon` as a child of `parent`. EKS overwrites what others changed: Bedplate is its only writer."""
    label = f"{parent.pulumi_resource_name}-{addon.name}"
    associations: list[aws.eks.AddonPodIdentityAssociationArgs] = []
    if addon.pod_identity is not None:
        identity = addon.pod_identity
        name = safe_name("iamRole", cluster, "addon", addon.name)
        role = _create_role(parent, label, identity, name=name, cluster=cluster, account=account)
        associations.append(
            aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account=identity.service_account)
        )
        after = [*after, *role.ready]
    return aws.eks.Addon(
        label,
        aws.eks.AddonArgs(
            cluster_name=cluster,
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


def _create_role(
    parent: PlatformComponent, label: str, identity: PodIdentity, *, name: str, cluster: str, account: str
) -> ManagedRole:
    trust = pod_identity_trust_policy(
        cluster=cluster, namespace=identity.namespace, service_account=identity.service_account
    )
    return managed_role(parent, label, name=name, account=account, trust=trust, policies=(identity.policy,))
