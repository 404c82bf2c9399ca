"""The layer `cluster`: network, control plane, node pools, the add-ons that EKS keeps, and stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi

from bedplate.environment.environment import Environment
from bedplate.environment.karpenter import cluster_name
from bedplate.environment.network import interface_endpoints, vpc_connectivity
from bedplate.environment.resolve import ResolvedEnvironment
from components.base import ClusterHandle, NetworkHandle, NodePoolHandle, StoreHandle
from components.cluster.component import ClusterAddons
from components.cluster.provider import context_provider
from components.cluster.spec import ExistingClusterSpec
from components.network.component import Network
from components.store.component import Store, describe_store
from stacks.clusters import KUBECONFIG, addons_of, describe_cluster, make_cluster
from stacks.karpenter import make_karpenter
from stacks.node_pools import describe_pools, make_inventory, make_pools
from stacks.providers import Providers


@dataclass(frozen=True, slots=True)
class ClusterLayer:
    """What the layers above build on. `ready` is what pods wait for; empty where another stack made it. `network` is
    the VPC; None where another stack made it, or nobody did.
    """

    cluster: ClusterHandle
    pools: Mapping[str, NodePoolHandle]
    stores: Mapping[str, StoreHandle]
    providers: Providers
    ready: tuple[pulumi.Resource, ...] = ()
    network: NetworkHandle | None = None

    @property
    def on_cluster(self) -> pulumi.ResourceOptions:
        """Options of a component that is made of objects of the cluster, and that Pulumi applies."""
        return pulumi.ResourceOptions(providers=[self.cluster.provider])

    @property
    def on_both(self) -> pulumi.ResourceOptions:
        """Options of a component that has objects in the cluster and in the account, all of them Pulumi's."""
        return pulumi.ResourceOptions.merge(self.providers.on_aws, self.on_cluster)

    def delivered(self, layer: str) -> pulumi.ResourceOptions:
        """Options of a component of `layer`, whose objects of the cluster are its deliverer's to apply."""
        return self.providers.in_cluster(self.cluster, layer)

    def delivered_on_both(self, layer: str) -> pulumi.ResourceOptions:
        """The same for a component that has objects in the account too; those are Pulumi's."""
        return pulumi.ResourceOptions.merge(self.providers.on_aws, self.delivered(layer))


def make_cluster_layer(resolved: ResolvedEnvironment, providers: Providers) -> ClusterLayer:
    """Register the layer."""
    environment = resolved.environment
    if isinstance(environment.cluster, ExistingClusterSpec):
        layer = _existing_cluster_layer(environment.cluster, resolved, providers)
        return replace(layer, pools=make_inventory(resolved, layer.on_cluster))
    network = _network(resolved, providers.on_aws)
    cluster = make_cluster(resolved, network, providers.on_aws)
    pools = make_pools(resolved, cluster, network, providers.on_aws)
    addons = ClusterAddons(
        "addons",
        addons_of(resolved, before_nodes=False),
        cluster=cluster,
        account=environment.account,
        nodes=tuple(item for pool in pools.values() for item in pool.ready),
        opts=providers.on_aws,
    )
    ready = (*addons.ready, *make_karpenter(resolved, cluster, providers.on_aws))
    return ClusterLayer(cluster, pools, _stores(environment, providers.on_aws), providers, ready, network)


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
    stores = {
        spec.name: describe_store(spec, environment=environment.name, account=environment.account)
        for spec in environment.stores
    }
    return ClusterLayer(describe_cluster(resolved), describe_pools(resolved), stores, providers)


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
