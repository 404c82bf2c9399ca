"""What a pool's nodes look like to Kubernetes, and when they must be made anew. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from bedplate.catalog.mig import Partition, mig_resource
from components.base import (
    DEVICE_PATH_LABEL,
    DEVICE_PLUGIN_CONFIG_LABEL,
    EFA_LABEL,
    MIG_CONFIG_LABEL,
    MIG_STRATEGY_LABEL,
    POOL_LABEL,
    ROLE_LABEL,
    GpuFacts,
)
from components.node_fields import DevicePath, SharingSpec, TaintSpec
from components.node_pool.spec import NodePoolSpec

EXCLUSIVE = "exclusive"

_GPU_TAINT = TaintSpec(key="nvidia.com/gpu", value="true", effect="NoSchedule")
_FINGERPRINT_DIGITS = 6


def shares_per_gpu(sharing: SharingSpec | None) -> int:
    """Pods that take turns on one GPU: 1, or the replicas of time-slicing."""
    slicing = sharing.time_slicing if sharing else None
    return slicing.replicas if slicing else 1


def device_plugin_config(spec: NodePoolSpec, gpu: GpuFacts) -> str:
    """Key of the device plugin's configuration that nodes ask for; empty where the image brings its own plugin, and
    where pods claim GPUs."""
    return "" if spec.ami.family == "bottlerocket" else plugin_config(spec.sharing, gpu, spec.device_path)


def plugin_config(sharing: SharingSpec | None, gpu: GpuFacts, path: DevicePath = "devicePlugin") -> str:
    """Key of the device plugin's configuration for nodes that share `gpu` like this; empty without a device plugin."""
    if path == "dra":
        return ""
    if gpu.partition is not None:
        return f"mig-{gpu.partition.strategy}"
    shares = shares_per_gpu(sharing)
    return f"timeslicing-{shares}" if shares > 1 else EXCLUSIVE


def node_labels(spec: NodePoolSpec, gpu: GpuFacts | None) -> dict[str, str]:
    """Labels of every node: what its GPUs are, and what the device plugin and the MIG manager are asked for.

    What Bedplate relies on wins over the spec's own labels. An image that brings these agents is told by its user data.
    """
    config = device_plugin_config(spec, gpu) if gpu else ""
    own = gpu_labels(gpu, shares_per_gpu(spec.sharing), config, spec.device_path) if gpu else {}
    if spec.efa is not None:
        own[EFA_LABEL] = "true"
    return {**spec.labels, **own, POOL_LABEL: spec.name, ROLE_LABEL: spec.role}


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


def pool_zones(spec: NodePoolSpec, zones: tuple[str, ...]) -> tuple[str, ...]:
    """The pool's zones in the order of the environment's: the reservation's, else its own, else all.

    Raises ValueError for a zone that is not among the environment's.
    """
    own = (spec.reservation.zone,) if spec.reservation else spec.zones
    strange = sorted(set(own) - set(zones))
    if strange:
        raise ValueError(f"pool {spec.name}: {', '.join(strange)} not among the environment's zones {', '.join(zones)}")
    return tuple(zone for zone in zones if zone in own) if own else zones


def group_types(spec: NodePoolSpec) -> list[str] | None:
    """Instance types that the node group names; None where the launch template does."""
    return None if spec.capacity == "capacityBlock" else list(spec.instance_types)


def replacement_fingerprint(
    spec: NodePoolSpec, *, subnets: Sequence[str], ami_type: str, gpu: GpuFacts | None = None
) -> str:
    """Six hexadecimal digits that change with whatever makes EKS replace a node group; `subnets` are their keys.

    They become part of its name, so that the new group can exist before the old one goes (EKS allows a name once).
    Role and launch template are named after the pool, as the group is. What is inside the template, Kubernetes version
    and release are left out: they change the launch template's or the group's version, and EKS then rolls the nodes
    inside the same group.
    """
    causes = [group_types(spec), ami_type, spec.capacity, list(subnets)]
    if gpu and gpu.partition:
        # A GPU is split anew only while nothing runs on it, and then the node may have to start again.
        causes.append(gpu.partition.config)
    if gpu and spec.device_path == "dra":
        # Pods that counted a GPU hold it unseen by claims, and the other way round: no node changes sides.
        causes.append(spec.device_path)
    text = json.dumps(causes, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_FINGERPRINT_DIGITS]
