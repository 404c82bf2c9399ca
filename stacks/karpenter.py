"""Karpenter in the layers: what it needs in the account is of the layer `cluster`, its pools are of `platform`."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from bedplate.environment.environment import Environment
from bedplate.environment.facts import karpenter_facts
from bedplate.environment.karpenter import cluster_name, controller, image_parameter, zonal_shift
from bedplate.environment.resolve import ResolvedEnvironment
from components.base import ClusterHandle
from components.karpenter.component import Karpenter
from components.karpenter.objects import KarpenterNodes
from components.karpenter.pool import KarpenterPool
from stacks.node_pools import gpu_facts
from stacks.providers import default_tags


def make_karpenter(
    resolved: ResolvedEnvironment, cluster: ClusterHandle, opts: pulumi.ResourceOptions
) -> tuple[pulumi.Resource, ...]:
    """Register what Karpenter needs in the account, where it keeps a pool; what its controller waits for."""
    environment = resolved.environment
    if not environment.karpenter_pools:
        return ()
    chart = controller(environment)
    assert chart is not None  # cross-checked
    return Karpenter(
        "karpenter",
        chart.namespace,
        cluster=cluster,
        region=environment.region,
        account=environment.account,
        zonal_shift=zonal_shift(environment),
        disk_keys=[key for pool in environment.karpenter_pools if (key := pool.disk.kms_key_arn)],
        opts=opts,
    ).ready


def make_karpenter_pools(
    resolved: ResolvedEnvironment, after: Sequence[pulumi.Resource], opts: pulumi.ResourceOptions
) -> None:
    """Register the objects of every pool that Karpenter keeps."""
    environment = resolved.environment
    for spec in environment.karpenter_pools:
        facts = karpenter_facts(spec, resolved.catalog)
        zones = tuple(zone for zone in environment.zones if not spec.zones or zone in spec.zones)
        KarpenterPool(
            spec.name,
            spec,
            nodes=KarpenterNodes(
                architecture=facts.instance.architecture,
                zones=zones,
                image=image_parameter(facts, resolved.baseline, resolved.catalog),
                subnets=tuple(_subnet(environment, zone) for zone in zones),
                gpu=gpu_facts(facts),
            ),
            cluster_name=cluster_name(environment),
            tags=default_tags(environment),
            after=after,
            opts=opts,
        )


def _subnet(environment: Environment, zone: str) -> dict[str, object]:
    """How Karpenter finds the private subnet of `zone`: by the name that it is given here, or by the id that it has."""
    assert environment.network is not None  # cross-checked
    if environment.network.existing is None:
        return {"tags": {"Name": f"{cluster_name(environment)}-private-{zone}"}}
    (subnet,) = (item for item in environment.network.existing.private_subnets if item.zone == zone)
    return {"id": subnet.id}
