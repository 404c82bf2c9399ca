"""Node pools, made or described: the part of the layer `cluster` that knows each kind of pool."""

from __future__ import annotations

import pulumi

from bedplate.catalog.catalog import Catalog
from bedplate.environment.driver import operator_pools
from bedplate.environment.environment import AnyPoolSpec
from bedplate.environment.facts import NodeFacts, node_facts, pool_facts, pool_image
from bedplate.environment.resolve import ResolvedEnvironment
from components.base import ClusterHandle, GpuFacts, NetworkHandle, NodePoolHandle
from components.inventory_pool.component import InventoryPool, describe_inventory_pool
from components.inventory_pool.spec import InventoryPoolSpec
from components.karpenter.pool import describe_karpenter_pool
from components.karpenter.spec import KarpenterPoolSpec
from components.node_pool.component import NodeImage, NodePool, describe_pool
from components.node_pool.spec import NodePoolSpec
from stacks.providers import default_tags


def make_pools(
    resolved: ResolvedEnvironment, cluster: ClusterHandle, network: NetworkHandle, opts: pulumi.ResourceOptions
) -> dict[str, NodePoolHandle]:
    """Pools by name. Those with GPUs, or without, wait for the canaries that are like them. Pools of Karpenter have no
    nodes to make: they are described."""
    environment = resolved.environment
    pools: dict[str, NodePoolHandle] = {}
    canaries: dict[bool, tuple[pulumi.Resource, ...]] = {}
    for spec in sorted(environment.managed_pools, key=lambda pool: not pool.update.canary):
        facts = pool_facts(spec, resolved.catalog)
        image = pool_image(facts, resolved.baseline, resolved.catalog)
        assert image.release is not None  # cross-checked
        has_gpus = facts.gpu is not None
        pools[spec.name] = NodePool(
            spec.name,
            spec,
            cluster=cluster,
            network=network,
            zones=environment.zones,
            image=NodeImage(kubernetes=image.kubernetes, ami_type=image.ami_type, release=image.release),
            gpu=gpu_facts(facts),
            interfaces=facts.interfaces,
            account=environment.account,
            tags=default_tags(environment),
            after=() if spec.update.canary else canaries.get(has_gpus, ()),
            opts=opts,
        ).handle
        if spec.update.canary:
            canaries[has_gpus] = (*canaries.get(has_gpus, ()), *pools[spec.name].ready)
    return {**describe_pools(resolved), **pools}


def make_inventory(resolved: ResolvedEnvironment, opts: pulumi.ResourceOptions) -> dict[str, NodePoolHandle]:
    """Pools of nodes that are there, by name."""
    beside_operator = bool(operator_pools(resolved.environment))
    return {
        spec.name: InventoryPool(
            spec.name, spec, gpu=_known_gpu(spec, resolved.catalog), beside_operator=beside_operator, opts=opts
        ).handle
        for spec in resolved.environment.node_pools
        if isinstance(spec, InventoryPoolSpec)
    }


def describe_pools(resolved: ResolvedEnvironment) -> dict[str, NodePoolHandle]:
    """The same pools for stacks above the one that makes them, with nothing to wait for."""
    return {spec.name: _described(spec, _known_gpu(spec, resolved.catalog)) for spec in resolved.environment.node_pools}


def _described(spec: AnyPoolSpec, gpu: GpuFacts | None) -> NodePoolHandle:
    if isinstance(spec, NodePoolSpec):
        return describe_pool(spec, gpu)
    if isinstance(spec, KarpenterPoolSpec):
        return describe_karpenter_pool(spec, gpu)
    return describe_inventory_pool(spec, gpu)


def _known_gpu(spec: AnyPoolSpec, catalog: Catalog) -> GpuFacts | None:
    facts = node_facts(spec, catalog)
    assert facts is not None  # cross-checked
    return gpu_facts(facts)


def gpu_facts(facts: NodeFacts) -> GpuFacts | None:
    """GPUs of a pool's nodes as components know them."""
    if facts.gpu is None:
        return None
    assert facts.gpu_memory_mib is not None  # cross-checked
    return GpuFacts(
        product=facts.gpu.product_label,
        family=facts.gpu.family,
        count=facts.machine.gpu_count,
        memory_mib=facts.gpu_memory_mib,
        partition=facts.partition,
        bottlerocket_name=facts.gpu.bottlerocket_name or "",
    )
