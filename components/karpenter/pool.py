"""The Karpenter pool component: a NodePool, and the EC2NodeClass that its nodes are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.apiextensions import CustomResource

from components.base import POOL_LABEL, GpuFacts, NodePoolHandle, Place, PlatformComponent, object_labels
from components.karpenter.names import instance_profile_name
from components.karpenter.objects import (
    NODE_CLASS_API,
    NODE_POOL_API,
    KarpenterNodes,
    node_class_spec,
    node_pool_name,
    node_pool_spec,
)
from components.karpenter.spec import KarpenterPoolSpec
from components.nodes import node_taints, plugin_config, shares_per_gpu, tolerations


class KarpenterPool(PlatformComponent):
    """Nodes that Karpenter starts when pods wait for them, and ends when nothing runs there.

    Nodes refuse IMDSv1, and one network hop keeps pods away from the node's credentials. Disks are encrypted gp3. The
    image is pinned to a release and a Kubernetes version: when either changes, Karpenter replaces nodes one after the
    other, as the budgets allow, and not because AWS published a newer one.

    GPU nodes carry the labels that GPU feature discovery would publish and the taint nvidia.com/gpu=true:NoSchedule.
    """

    def __init__(
        self,
        name: str,
        spec: KarpenterPoolSpec,
        *,
        nodes: KarpenterNodes,
        cluster_name: str,
        tags: Mapping[str, str],
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`tags` are the provider's default tags, which AWS puts on nothing that Karpenter makes; `after` is what has
        to be there before: Karpenter's kinds, and its controller."""
        super().__init__(name, Place(layer="platform", entry=f"nodePools[{spec.name}]"), opts)
        node_class = CustomResource(
            f"{name}-class",
            api_version=NODE_CLASS_API,
            kind="EC2NodeClass",
            metadata=_metadata(spec.name, spec.name),
            spec=node_class_spec(
                spec,
                nodes,
                cluster=cluster_name,
                instance_profile=instance_profile_name(cluster_name),
                tags={**tags, "Name": f"{cluster_name}-{spec.name}"},
            ),
            opts=self.child(depends_on=after),
        )
        CustomResource(
            f"{name}-nodes",
            api_version=NODE_POOL_API,
            kind="NodePool",
            metadata=_metadata(node_pool_name(spec), spec.name),
            spec=node_pool_spec(spec, nodes),
            opts=self.child(depends_on=[node_class]),
        )
        self.register_outputs({})


def describe_karpenter_pool(spec: KarpenterPoolSpec, gpu: GpuFacts | None) -> NodePoolHandle:
    """What others need to know of a pool. Nobody waits for its nodes: they come when pods do."""
    own_plugin = spec.ami.family == "bottlerocket"
    return NodePoolHandle(
        name=spec.name,
        labels={POOL_LABEL: spec.name},
        tolerations=tolerations(node_taints(spec, gpu)),
        gpu=gpu,
        shares_per_gpu=shares_per_gpu(spec.sharing) if gpu else 1,
        device_plugin_config=plugin_config(spec.sharing, gpu) if gpu and not own_plugin else "",
        most_nodes=_most_nodes(spec, gpu),
    )


def _most_nodes(spec: KarpenterPoolSpec, gpu: GpuFacts | None) -> int:
    """Nodes that the pool's limits allow at most: no instance type with a GPU has fewer than 2 vCPUs and 8 GiB."""
    limits = spec.limits
    bounds = [
        limits.nodes,
        limits.gpus and limits.gpus // (gpu.count if gpu else 1),
        limits.cpu and limits.cpu // 2,
        limits.memory_gib and limits.memory_gib // 8,
    ]
    return min(bound for bound in bounds if bound is not None)


def _metadata(name: str, pool: str) -> k8s.meta.v1.ObjectMetaArgs:
    return k8s.meta.v1.ObjectMetaArgs(name=name, labels=object_labels("node-pool", extra={POOL_LABEL: pool}))
