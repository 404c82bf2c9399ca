"""Resources that wire the nodes of a pool to each other: a security group for EFA, and a placement group."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.base import ClusterHandle, NetworkHandle, PlatformComponent, safe_name
from components.efa import Interface
from components.node_pool.launch_template import Fabric

_EVERYTHING = "-1"


def create_fabric(
    parent: PlatformComponent,
    label: str,
    *,
    title: str,
    interfaces: tuple[Interface, ...],
    placement: bool,
    cluster: ClusterHandle,
    network: NetworkHandle,
) -> Fabric:
    """What `interfaces` and `placement` need, as children ``{label}-…`` of `parent`, called `title` in AWS.

    Interfaces keep the cluster's own security group, which nodes and control plane share, beside the one for EFA.
    Raises ValueError for interfaces on a cluster whose security group is not known.
    """
    groups: tuple[pulumi.Output[str], ...] = ()
    if interfaces:
        if cluster.security_group is None:
            raise ValueError(f"{label}: the security group of cluster {cluster.name} is not known")
        groups = (cluster.security_group, _efa_group(parent, label, title, network).id)
    group = _placement_group(parent, label, title) if placement else None
    return Fabric(interfaces=interfaces, security_groups=groups, placement_group=group)


def _efa_group(parent: PlatformComponent, label: str, title: str, network: NetworkHandle) -> aws.ec2.SecurityGroup:
    """EFA asks for a group that lets everything in from itself and out to itself, named as such and not by range."""
    group = aws.ec2.SecurityGroup(
        f"{label}-efa",
        aws.ec2.SecurityGroupArgs(
            name=safe_name("securityGroup", title, "efa"),
            description="Traffic of Elastic Fabric Adapters between nodes of one pool",
            vpc_id=network.vpc_id,
            tags={"Name": f"{title}-efa"},
        ),
        opts=parent.child(),
    )
    aws.vpc.SecurityGroupIngressRule(
        f"{label}-efa-in",
        aws.vpc.SecurityGroupIngressRuleArgs(
            security_group_id=group.id, referenced_security_group_id=group.id, ip_protocol=_EVERYTHING
        ),
        opts=parent.child(),
    )
    aws.vpc.SecurityGroupEgressRule(
        f"{label}-efa-out",
        aws.vpc.SecurityGroupEgressRuleArgs(
            security_group_id=group.id, referenced_security_group_id=group.id, ip_protocol=_EVERYTHING
        ),
        opts=parent.child(),
    )
    return group


def _placement_group(parent: PlatformComponent, label: str, title: str) -> pulumi.Output[str]:
    """A group of nodes that stand close together. Its name is known before apply, and still depends on it."""
    group = aws.ec2.PlacementGroup(
        f"{label}-placement",
        aws.ec2.PlacementGroupArgs(name=safe_name("placementGroup", title), strategy="cluster", tags={"Name": title}),
        opts=parent.child(),
    )
    return group.name
