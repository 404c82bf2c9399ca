"""The layer `cluster`: network, control plane, node pools, the add-ons that EKS keeps, and stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi

from bedplate.environment.environment import Environment
from bedplate.environment.network import interface_endpoints, vpc_connectivity
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import EksAddonSpec
from components.base import ClusterHandle, NetworkHandle, NodePoolHandle, StoreHandle, safe_name
from components.cluster.addons import AddonChoice, EksAddon, eks_addons
from components.cluster.component import Cluster, ClusterAddons
from components.cluster.provider import cluster_provider, context_provider
from components.cluster.spec import ClusterSpec, ExistingClusterSpec
from components.network.component import Network
from components.store.component import Store, describe_store
from stacks.node_pools import describe_pools, make_inventory, make_pools
from stacks.providers import Providers

KUBECONFIG = "kubeconfig"
"""The one output that upper layers read of this one."""


@dataclass(frozen=True, slots=True)
class ClusterLayer:
    """What the layers above build on. `ready` is what pods wait for; empty where another stack made it."""

    cluster: ClusterHandle
    pools: Mapping[str, NodePoolHandle]
    stores: Mapping[str, StoreHandle]
    providers: Providers
    ready: tuple[pulumi.Resource, ...] = ()

    @property
    def on_cluster(self) -> pulumi.ResourceOptions:
        """Options of a component that is made of objects of the cluster."""
        return pulumi.ResourceOptions(providers=[self.cluster.provider])

    @property
    def on_both(self) -> pulumi.ResourceOptions:
        """Options of a component that has objects in the cluster and in the account."""
        return pulumi.ResourceOptions.merge(self.providers.on_aws, self.on_cluster)


def make_cluster_layer(resolved: ResolvedEnvironment, providers: Providers) -> ClusterLayer:
    """Register the layer."""
    environment = resolved.environment
    if isinstance(environment.cluster, ExistingClusterSpec):
        layer = _existing_cluster_layer(environment.cluster, resolved, providers)
        return replace(layer, pools=make_inventory(resolved, layer.on_cluster))
    network = _network(resolved, providers.on_aws)
    cluster = _cluster(resolved, network, providers.on_aws)
    pools = make_pools(resolved, cluster, network, providers.on_aws)
    addons = ClusterAddons(
        "addons",
        _eks_addons(resolved, before_nodes=False),
        cluster=cluster,
        account=environment.account,
        nodes=tuple(item for pool in pools.values() for item in pool.ready),
        opts=providers.on_aws,
    )
    return ClusterLayer(cluster, pools, _stores(environment, providers.on_aws), providers, addons.ready)


def _existing_cluster_layer(
    spec: ExistingClusterSpec, resolved: ResolvedEnvironment, providers: Providers
) -> ClusterLayer:
    """A cluster that is there: each stack reaches it by itself, and nothing is made outside it."""
    assert spec.context is not None  # cross-checked
    provider = context_provider(spec.name, context=spec.context, opts=pulumi.ResourceOptions())
    return ClusterLayer(ClusterHandle(name=spec.name, provider=provider), describe_pools(resolved), {}, providers)


def export_for_upper_layers(layer: ClusterLayer) -> None:
    """Make the layer's outputs readable for the stacks above it."""
    if layer.cluster.kubeconfig is not None:
        pulumi.export(KUBECONFIG, layer.cluster.kubeconfig)


def described_cluster_layer(resolved: ResolvedEnvironment, providers: Providers) -> ClusterLayer:
    """The layer as it is known to stacks above it: the cluster's address is read from the stack that made it."""
    environment = resolved.environment
    if isinstance(environment.cluster, ExistingClusterSpec):
        return _existing_cluster_layer(environment.cluster, resolved, providers)
    lower = f"{resolved.name}.cluster"
    reference = pulumi.StackReference(lower, stack_name=f"{pulumi.get_organization()}/{pulumi.get_project()}/{lower}")
    name = cluster_name(environment)
    provider = cluster_provider(
        name,
        kubeconfig=reference.require_output(KUBECONFIG),
        region=environment.region,
        account=environment.account,
        opts=pulumi.ResourceOptions(),
    )
    stores = {
        spec.name: describe_store(spec, environment=environment.name, account=environment.account)
        for spec in environment.stores
    }
    return ClusterLayer(ClusterHandle(name=name, provider=provider), describe_pools(resolved), stores, providers)


def cluster_name(environment: Environment) -> str:
    """Name of the EKS cluster, and the prefix of everything that belongs to it in the account."""
    return safe_name("eksCluster", "bedplate", environment.name)


def _network(resolved: ResolvedEnvironment, opts: pulumi.ResourceOptions) -> NetworkHandle:
    environment = resolved.environment
    assert environment.network is not None  # cross-checked
    return Network(
        "network",
        environment.network,
        zones=environment.zones,
        region=environment.region,
        account=environment.account,
        cluster_name=cluster_name(environment),
        connectivity=vpc_connectivity(environment),
        interface_endpoints=interface_endpoints(environment, resolved.catalog),
        opts=opts,
    ).handle


def _cluster(resolved: ResolvedEnvironment, network: NetworkHandle, opts: pulumi.ResourceOptions) -> ClusterHandle:
    environment = resolved.environment
    assert isinstance(environment.cluster, ClusterSpec)  # cross-checked
    return Cluster(
        "cluster",
        environment.cluster,
        cluster_name=cluster_name(environment),
        version=resolved.baseline.kubernetes,
        region=environment.region,
        account=environment.account,
        network=network,
        addons=_eks_addons(resolved, before_nodes=True),
        opts=opts,
    ).handle


def _eks_addons(resolved: ResolvedEnvironment, *, before_nodes: bool) -> tuple[EksAddon, ...]:
    environment = resolved.environment
    choices = {
        addon.name: AddonChoice(version=addon.version, configuration=addon.configuration, policies=addon.policies)
        for addon in environment.addons
        if isinstance(addon, EksAddonSpec)
    }
    addons = eks_addons(resolved.catalog.eks_addons, choices, pods=environment.pods)
    return tuple(addon for addon in addons if addon.before_nodes == before_nodes)


def _stores(environment: Environment, opts: pulumi.ResourceOptions) -> dict[str, StoreHandle]:
    return {
        spec.name: Store(
            spec.name,
            spec,
            environment=environment.name,
            account=environment.account,
            region=environment.region,
            protected=environment.tier != "development",
            opts=opts,
        ).handle
        for spec in environment.stores
    }
