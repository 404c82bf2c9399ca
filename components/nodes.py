"""What nodes have in common, whoever makes them: labels of their GPUs, taints, the policies of their role. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from bedplate.catalog.mig import Partition, mig_resource
from components.base import (
    DEVICE_PATH_LABEL,
    DEVICE_PLUGIN_CONFIG_LABEL,
    MIG_CONFIG_LABEL,
    MIG_STRATEGY_LABEL,
    GpuFacts,
)
from components.node_fields import DevicePath, SharingSpec, TaintSpec

# The least that a node needs: AmazonEKSWorkerNodePolicy lets it join and lets the Pod Identity agent work, the other
# lets it pull from ECR, pull-through caches included. The CNI has a role of its own, and nobody logs in to nodes,
# so neither AmazonEKS_CNI_Policy nor AmazonSSMManagedInstanceCore is here.
NODE_POLICIES = ("AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy")
EXCLUSIVE = "exclusive"

_GPU_TAINT = TaintSpec(key="nvidia.com/gpu", value="true", effect="NoSchedule")


def shares_per_gpu(sharing: SharingSpec | None) -> int:
    """Pods that take turns on one GPU: 1, or the replicas of time-slicing."""
    slicing = sharing.time_slicing if sharing else None
    return slicing.replicas if slicing else 1


def plugin_config(sharing: SharingSpec | None, gpu: GpuFacts, path: DevicePath = "devicePlugin") -> str:
    """Key of the device plugin's configuration for nodes that share `gpu` like this; empty without a device plugin."""
    if path == "dra":
        return ""
    if gpu.partition is not None:
        return f"mig-{gpu.partition.strategy}"
    shares = shares_per_gpu(sharing)
    return f"timeslicing-{shares}" if shares > 1 else EXCLUSIVE


def gpu_labels(gpu: GpuFacts, shares: int, config: str, path: DevicePath = "devicePlugin") -> dict[str, str]:
    """Labels of a node with `gpu`. `config` is the device plugin's configuration: where it is empty no agent of ours
    is asked, save with `path` dra."""
    labels = _gpu_labels(gpu, shares) | ({DEVICE_PLUGIN_CONFIG_LABEL: config} if config else {})
    if path == "dra":
        labels[DEVICE_PATH_LABEL] = path
    if gpu.partition and (config or path == "dra"):
        labels[MIG_CONFIG_LABEL] = gpu.partition.config
    return labels


def _gpu_labels(gpu: GpuFacts, shares: int) -> dict[str, str]:
    """What GPU feature discovery would publish.

    GPU feature discovery writes labels only through Node Feature Discovery, which Bedplate does not install: all of
    them follow from the instance type. Like GPU feature discovery, a shared GPU's product ends in -SHARED.
    """
    shared = shares > 1
    labels = {
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": f"{gpu.product}-SHARED" if shared else gpu.product,
        "nvidia.com/gpu.family": gpu.family,
        "nvidia.com/gpu.count": str(gpu.count),
        "nvidia.com/gpu.memory": str(gpu.memory_mib),
        "nvidia.com/gpu.replicas": str(shares),
        "nvidia.com/gpu.sharing-strategy": "time-slicing" if shared else "none",
    }
    return labels | (_mig_labels(gpu, gpu.partition) if gpu.partition else {})


def _mig_labels(gpu: GpuFacts, partition: Partition) -> dict[str, str]:
    """Labels of nodes whose GPUs MIG splits.

    Like GPU feature discovery: with strategy single the node's GPUs are described as the instances that they offer,
    with mixed every profile has labels of its own, and nothing is replicated under the name of the whole GPU.
    """
    labels = {"nvidia.com/mig.capable": "true", MIG_STRATEGY_LABEL: partition.strategy}
    mixed = partition.strategy == "mixed"
    for profile, count in partition.layout.items():
        prefix = mig_resource(profile) if mixed else "nvidia.com/gpu"
        labels |= {
            f"{prefix}.product": f"{gpu.product}-MIG-{profile}",
            f"{prefix}.count": str(count * gpu.count),
            f"{prefix}.memory": str(partition.memory_mib[profile]),
            f"{prefix}.replicas": "1",
            f"{prefix}.sharing-strategy": "none",
        }
    return labels | ({"nvidia.com/gpu.replicas": "0"} if mixed else {})


class Tainted(Protocol):
    """A pool's entry of any kind, as far as taints go."""

    @property
    def taints(self) -> tuple[TaintSpec, ...]:
        """Further taints."""


def node_taints(spec: Tainted, gpu: GpuFacts | None) -> tuple[TaintSpec, ...]:
    """Taints of every node: GPUs are kept for pods that ask for them."""
    taints = {(taint.key, taint.effect): taint for taint in (*spec.taints, *((_GPU_TAINT,) if gpu else ()))}
    return tuple(taints[key] for key in sorted(taints))


def tolerations(taints: Iterable[TaintSpec]) -> tuple[Mapping[str, str], ...]:
    """What a pod needs to run on nodes with `taints`."""
    return tuple(_toleration(taint) for taint in taints)


def _toleration(taint: TaintSpec) -> dict[str, str]:
    toleration = {"key": taint.key, "operator": "Equal", "value": taint.value, "effect": taint.effect}
    # Kubernetes stores an empty value as an absent one.
    return {key: value for key, value in toleration.items() if value}
