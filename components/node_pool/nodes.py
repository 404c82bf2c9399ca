"""What a pool's nodes look like to Kubernetes, and when they must be made anew. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from components.base import DEVICE_PLUGIN_CONFIG_LABEL, POOL_LABEL, ROLE_LABEL, GpuFacts
from components.node_fields import TaintSpec
from components.node_pool.spec import NodePoolSpec

EXCLUSIVE = "exclusive"

_GPU_TAINT = TaintSpec(key="nvidia.com/gpu", value="true", effect="NoSchedule")
_FINGERPRINT_DIGITS = 6


def shares_per_gpu(spec: NodePoolSpec) -> int:
    """Pods that one GPU counts for: 1, or the replicas of time-slicing."""
    return spec.sharing.time_slicing.replicas if spec.sharing else 1


def device_plugin_config(spec: NodePoolSpec) -> str:
    """Key of the device plugin's configuration that nodes ask for; empty where the image brings its own plugin."""
    if spec.ami.family == "bottlerocket":
        return ""
    shares = shares_per_gpu(spec)
    return f"timeslicing-{shares}" if shares > 1 else EXCLUSIVE


def node_labels(spec: NodePoolSpec, gpu: GpuFacts | None) -> dict[str, str]:
    """Labels of every node. What Bedplate relies on wins over the spec's own labels."""
    gpu_labels = _gpu_labels(gpu, shares_per_gpu(spec)) if gpu else {}
    config = device_plugin_config(spec) if gpu else ""
    asked = {DEVICE_PLUGIN_CONFIG_LABEL: config} if config else {}
    return {**spec.labels, **gpu_labels, **asked, POOL_LABEL: spec.name, ROLE_LABEL: spec.role}


def _gpu_labels(gpu: GpuFacts, shares: int) -> dict[str, str]:
    """What GPU feature discovery would publish.

    GPU feature discovery writes labels only through Node Feature Discovery, which Bedplate does not install: all of
    them follow from the instance type. Like GPU feature discovery, a shared GPU's product ends in -SHARED.
    """
    shared = shares > 1
    return {
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": f"{gpu.product}-SHARED" if shared else gpu.product,
        "nvidia.com/gpu.family": gpu.family,
        "nvidia.com/gpu.count": str(gpu.count),
        "nvidia.com/gpu.memory": str(gpu.memory_mib),
        "nvidia.com/gpu.replicas": str(shares),
        "nvidia.com/gpu.sharing-strategy": "time-slicing" if shared else "none",
    }


def node_taints(spec: NodePoolSpec, gpu: GpuFacts | None) -> tuple[TaintSpec, ...]:
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
    """The pool's zones in the order of the environment's. Raises ValueError for a zone that is not among them."""
    strange = sorted(set(spec.zones) - set(zones))
    if strange:
        raise ValueError(f"pool {spec.name}: {', '.join(strange)} not among the environment's zones {', '.join(zones)}")
    return tuple(zone for zone in zones if zone in spec.zones) if spec.zones else zones


def replacement_fingerprint(spec: NodePoolSpec, *, zones: tuple[str, ...], ami_type: str) -> str:
    """Six hexadecimal digits that change with whatever makes EKS replace a node group.

    They become part of its name, so that the new group can exist before the old one goes (EKS allows a name once).
    Disk and Kubernetes version are left out: they change the launch template's or the group's version, and EKS then
    rolls the nodes inside the same group.
    """
    causes = [list(spec.instance_types), ami_type, spec.capacity, list(zones)]
    text = json.dumps(causes, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_FINGERPRINT_DIGITS]
