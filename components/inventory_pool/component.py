"""The inventory pool component: labels on nodes that somebody else made."""

from __future__ import annotations

import json

import pulumi
import pulumi_kubernetes as k8s

from components.base import POOL_LABEL, ROLE_LABEL, GpuFacts, NodePoolHandle, Place, PlatformComponent
from components.inventory_pool.spec import InventoryPoolSpec
from components.node_pool.nodes import gpu_labels, plugin_config, shares_per_gpu, tolerations

SERVER_LABEL = "bedplate.dev/server"
TAINTS_ANNOTATION = "bedplate.dev/taints"


class InventoryPool(PlatformComponent):
    """Nodes that are there, found by name and labelled, so that pods and agents find them like any others.

    Only labels and annotations of Bedplate's own are written, by server-side apply: whatever else stands on a node
    stays. Taints are the business of whoever joins the node; the annotation bedplate.dev/taints says which ones the
    plan counts on. Destroying takes the labels away and leaves the nodes.
    """

    handle: NodePoolHandle

    def __init__(
        self,
        name: str,
        spec: InventoryPoolSpec,
        *,
        gpu: GpuFacts | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`gpu` are the GPUs of one node; None for machines without."""
        super().__init__(name, Place(layer="cluster", entry=f"nodePools[{spec.name}]"), opts)
        self._spec = spec
        labels = inventory_labels(spec, gpu)
        patches = tuple(self._label_node(name, node, labels) for node in spec.nodes)
        self.handle = describe_inventory_pool(spec, gpu, ready=patches)
        self.register_outputs({})

    def _label_node(self, name: str, node: str, labels: dict[str, str]) -> k8s.core.v1.NodePatch:
        taints = [taint.model_dump(mode="json") for taint in self._spec.taints]
        return k8s.core.v1.NodePatch(
            f"{name}-{node}",
            metadata=k8s.meta.v1.ObjectMetaPatchArgs(
                name=node,
                labels=labels,
                annotations={
                    TAINTS_ANNOTATION: json.dumps(taints, sort_keys=True, separators=(",", ":")),
                    # Who labelled a node by hand before gives the labels up to whoever declares them.
                    "pulumi.com/patchForce": "true",
                },
            ),
            opts=self.child(),
        )


def inventory_labels(spec: InventoryPoolSpec, gpu: GpuFacts | None) -> dict[str, str]:
    """Labels that Bedplate puts on every node of the pool."""
    shared = gpu_labels(gpu, shares_per_gpu(spec.sharing), plugin_config(spec.sharing, gpu)) if gpu else {}
    own = {POOL_LABEL: spec.name, ROLE_LABEL: spec.role, SERVER_LABEL: spec.server}
    return {**spec.labels, **shared, **own}


def describe_inventory_pool(
    spec: InventoryPoolSpec, gpu: GpuFacts | None, *, ready: tuple[pulumi.Resource, ...] = ()
) -> NodePoolHandle:
    """What others need to know of a pool, with nothing to wait for unless its nodes are labelled here."""
    return NodePoolHandle(
        name=spec.name,
        labels={POOL_LABEL: spec.name},
        tolerations=tolerations(spec.taints),
        gpu=gpu,
        shares_per_gpu=shares_per_gpu(spec.sharing) if gpu else 1,
        device_plugin_config=plugin_config(spec.sharing, gpu) if gpu else "",
        ready=ready,
    )
