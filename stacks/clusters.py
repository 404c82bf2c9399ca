"""The cluster of an environment on AWS, made or taken as it is, and the EKS add-ons in it."""

from __future__ import annotations

import pulumi

from bedplate.environment.karpenter import cluster_name
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import EksAddonSpec
from components.base import ClusterHandle, NetworkHandle
from components.cluster.addons import AddonChoice, EksAddon, eks_addons
from components.cluster.component import Cluster, ExistingEksCluster
from components.cluster.existing import existing_kubeconfig
from components.cluster.provider import cluster_provider
from components.cluster.spec import ClusterSpec, EksExistingClusterSpec

KUBECONFIG = "kubeconfig"
"""The one output that upper layers read of the layer cluster."""


def make_cluster(resolved: ResolvedEnvironment, network: NetworkHandle, opts: pulumi.ResourceOptions) -> ClusterHandle:
    """Register the cluster with the add-ons that nodes start with; of one that exists, what it lacks."""
    environment = resolved.environment
    addons = addons_of(resolved, before_nodes=True)
    if isinstance(environment.cluster, EksExistingClusterSpec):
        return ExistingEksCluster(
            "cluster",
            environment.cluster,
            region=environment.region,
            account=environment.account,
            addons=addons,
            opts=opts,
        ).handle
    assert isinstance(environment.cluster, ClusterSpec)  # cross-checked
    return Cluster(
        "cluster",
        environment.cluster,
        cluster_name=cluster_name(environment),
        version=resolved.baseline.kubernetes,
        region=environment.region,
        account=environment.account,
        network=network,
        addons=addons,
        opts=opts,
    ).handle


def describe_cluster(resolved: ResolvedEnvironment) -> ClusterHandle:
    """The cluster as stacks above the one that made it know it."""
    environment = resolved.environment
    name = cluster_name(environment)
    provider = cluster_provider(
        name,
        kubeconfig=_kubeconfig(resolved),
        region=environment.region,
        account=environment.account,
        opts=pulumi.ResourceOptions(),
    )
    return ClusterHandle(name=name, provider=provider)


def addons_of(resolved: ResolvedEnvironment, *, before_nodes: bool) -> tuple[EksAddon, ...]:
    """EKS add-ons that are installed before there are nodes, or after; those that are there already are left out."""
    environment = resolved.environment
    choices = {
        addon.name: AddonChoice(version=addon.version, configuration=addon.configuration, policies=addon.policies)
        for addon in environment.addons
        if isinstance(addon, EksAddonSpec)
    }
    present = [addon.name for addon in environment.addons if addon.source == "provided"]
    addons = eks_addons(resolved.catalog.eks_addons, choices, pods=environment.pods, present=present)
    return tuple(addon for addon in addons if addon.before_nodes == before_nodes)


def _kubeconfig(resolved: ResolvedEnvironment) -> pulumi.Input[str]:
    """Stated of an EKS cluster that exists; read from the stack below where that made the cluster."""
    if isinstance(resolved.environment.cluster, EksExistingClusterSpec):
        return existing_kubeconfig(resolved.environment.cluster, resolved.environment.region)
    lower = f"{resolved.name}.cluster"
    reference = pulumi.StackReference(lower, stack_name=f"{pulumi.get_organization()}/{pulumi.get_project()}/{lower}")
    return reference.require_output(KUBECONFIG)
