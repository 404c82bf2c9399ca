"""Access entries of an EKS cluster, and the identity provider whose tokens it takes."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.base import PlatformComponent
from components.cluster.access_spec import AccessSpec, OidcSpec

# EKS user guide, "Review access policy permissions".
_ACCESS_POLICIES = {
    "clusterAdmin": "AmazonEKSClusterAdminPolicy",
    "admin": "AmazonEKSAdminPolicy",
    "adminView": "AmazonEKSAdminViewPolicy",
    "edit": "AmazonEKSEditPolicy",
    "view": "AmazonEKSViewPolicy",
}
GROUP_TAG = "bedplate:group"


def grant(
    parent: PlatformComponent,
    access: AccessSpec,
    *,
    cluster: pulumi.Input[str],
    after: tuple[pulumi.Resource, ...] = (),
) -> tuple[pulumi.Resource, ...]:
    """The access entry of `access` in the cluster called `cluster`, and its policy, as children of `parent`.

    The group as the identity provider calls it is a tag: AWS knows the role alone, and people ask for groups.
    """
    label = f"{parent.pulumi_resource_name}-access-{access.name}"
    entry = aws.eks.AccessEntry(
        label,
        aws.eks.AccessEntryArgs(
            cluster_name=cluster,
            principal_arn=access.principal,
            type="STANDARD",
            kubernetes_groups=list(access.kubernetes_groups) or None,
            tags={GROUP_TAG: access.group} if access.group else None,
        ),
        opts=parent.child(depends_on=after),
    )
    if access.policy is None:
        return (entry,)
    scope = aws.eks.AccessPolicyAssociationAccessScopeArgs(
        type="namespace" if access.namespaces else "cluster", namespaces=list(access.namespaces) or None
    )
    rights = aws.eks.AccessPolicyAssociation(
        label,
        aws.eks.AccessPolicyAssociationArgs(
            cluster_name=cluster,
            principal_arn=entry.principal_arn,
            policy_arn=f"arn:aws:eks::aws:cluster-access-policy/{_ACCESS_POLICIES[access.policy]}",
            access_scope=scope,
        ),
        # EKS knows one association of a role with a policy: made anew first, another scope would go with the old one.
        opts=parent.child(delete_before_replace=True),
    )
    return entry, rights


def trust_tokens(parent: PlatformComponent, oidc: OidcSpec, *, cluster: pulumi.Input[str]) -> pulumi.Resource:
    """The OpenID Connect provider `oidc` of the cluster called `cluster`, as a child of `parent`.

    EKS takes up to 40 minutes to associate one: nothing waits for it.
    """
    return aws.eks.IdentityProviderConfig(
        f"{parent.pulumi_resource_name}-oidc",
        aws.eks.IdentityProviderConfigArgs(
            cluster_name=cluster,
            oidc=aws.eks.IdentityProviderConfigOidcArgs(
                identity_provider_config_name=oidc.name,
                issuer_url=oidc.issuer,
                client_id=oidc.client_id,
                username_claim=oidc.username_claim,
                username_prefix=oidc.prefix,
                groups_claim=oidc.groups_claim,
                groups_prefix=oidc.prefix,
                required_claims=dict(oidc.required_claims) or None,
            ),
        ),
        # A cluster has one provider at a time, and any change makes another.
        opts=parent.child(delete_before_replace=True),
    )
