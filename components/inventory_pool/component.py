"""The inventory pool component: labels on nodes that somebody else made."""

from __future__ import annotations

import json

import pulumi
import pulumi_kubernetes as k8s

from components.base import (
    DRIVER_FROM_LABEL,
    FROM_OPERATOR,
    POOL_LABEL,
    ROLE_LABEL,
    GpuFacts,
    NodePoolHandle,
    Place,
    PlatformComponent,
)
from components.inventory_pool.spec import NO_DRIVER, InventoryPoolSpec, OsSpec
from components.nodes import gpu_labels, plugin_config, shares_per_gpu, tolerations

SERVER_LABEL = "bedplate.dev/server"
TAINTS_ANNOTATION = "bedplate.dev/taints"
DRIVER_ANNOTATION = "bedplate.dev/driver"
OS_ANNOTATION = "bedplate.dev/os"

_FEATURE = "feature.node.kubernetes.io/"
# Labels by which the GPU Operator finds nodes with GPUs, and those that it leaves alone (NVIDIA gpu-operator v26.7.0).
_HAS_GPU = {f"{_FEATURE}pci-10de.present": "true"}
_LEFT_ALONE = {"nvidia.com/gpu.deploy.operands": "false"}


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
        beside_operator: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`gpu` are the GPUs of one node; None for machines without. `beside_operator`: the cluster runs NVIDIA's GPU
        Operator, be it for other pools, and takes every node for its own that is not marked."""
        super().__init__(name, Place(layer="cluster", entry=f"nodePools[{spec.name}]"), opts)
        self._spec = spec
        labels = inventory_labels(spec, gpu, beside_operator=beside_operator)
        patches = tuple(self._label_node(name, node, labels) for node in spec.nodes)
        self.handle = describe_inventory_pool(spec, gpu, ready=patches)
        self.register_outputs({})

    def _label_node(self, name: str, node: str, labels: dict[str, str]) -> k8s.core.v1.NodePatch:
        return k8s.core.v1.NodePatch(
            f"{name}-{node}",
            metadata=k8s.meta.v1.ObjectMetaPatchArgs(
                name=node,
                labels=labels,
                annotations={
                    **stated(self._spec),
                    # Who labelled a node by hand before gives the labels up to whoever declares them.
                    "pulumi.com/patchForce": "true",
                },
            ),
            opts=self.child(),
        )


def stated(spec: InventoryPoolSpec) -> dict[str, str]:
    """Annotations that say what the plan counts on and nobody sets: taints, driver, operating system."""
    found: dict[str, object] = {TAINTS_ANNOTATION: [taint.model_dump(mode="json") for taint in spec.taints]}
    if spec.os is not None:
        found[OS_ANNOTATION] = spec.os.model_dump(mode="json")
    texts = {key: json.dumps(value, sort_keys=True, separators=(",", ":")) for key, value in found.items()}
    return texts | ({DRIVER_ANNOTATION: spec.driver} if spec.driver and spec.driver != NO_DRIVER else {})


def inventory_labels(spec: InventoryPoolSpec, gpu: GpuFacts | None, *, beside_operator: bool = False) -> dict[str, str]:
    """Labels that Bedplate puts on every node of the pool."""
    config = _plugin_config(spec, gpu) if gpu else ""
    shared = gpu_labels(gpu, shares_per_gpu(spec.sharing), config, spec.device_path) if gpu else {}
    found = _operator_labels(spec) if gpu and beside_operator else {}
    own = {POOL_LABEL: spec.name, ROLE_LABEL: spec.role, SERVER_LABEL: spec.server}
    return {**spec.labels, **shared, **found, **own}


def _operator_labels(spec: InventoryPoolSpec) -> dict[str, str]:
    """What the GPU Operator reads of a node with GPUs, and Node Feature Discovery would write."""
    if spec.driver != NO_DRIVER:
        return {**_HAS_GPU, **_LEFT_ALONE}
    assert spec.os is not None  # cross-checked
    return {**_HAS_GPU, **_os_labels(spec.os), DRIVER_FROM_LABEL: FROM_OPERATOR}


def _os_labels(os: OsSpec) -> dict[str, str]:
    release = f"{_FEATURE}system-os_release"
    return {
        f"{_FEATURE}kernel-version.full": os.kernel,
        f"{release}.ID": os.name,
        f"{release}.VERSION_ID": os.version,
        f"{release}.VERSION_ID.major": os.version.partition(".")[0],
    }


def _plugin_config(spec: InventoryPoolSpec, gpu: GpuFacts) -> str:
    """Nodes with the operator's driver have agents of their own, which wait for it."""
    config = plugin_config(spec.sharing, gpu, spec.device_path)
    return f"{config}-{FROM_OPERATOR}" if config and spec.driver == NO_DRIVER else config


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
        device_plugin_config=_plugin_config(spec, gpu) if gpu else "",
        operator=spec.driver == NO_DRIVER,
        dra=gpu is not None and spec.device_path == "dra",
        most_nodes=len(spec.nodes),
        ready=ready,
    )
