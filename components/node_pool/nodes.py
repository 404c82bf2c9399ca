"""What the nodes of a managed pool look like to Kubernetes, and when they must be made anew. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from components.base import EFA_LABEL, POOL_LABEL, ROLE_LABEL, GpuFacts
from components.node_pool.spec import NodePoolSpec
from components.nodes import gpu_labels, plugin_config, shares_per_gpu

_FINGERPRINT_DIGITS = 6


def device_plugin_config(spec: NodePoolSpec, gpu: GpuFacts) -> str:
    """Key of the device plugin's configuration that nodes ask for; empty where the image brings its own plugin, and
    where pods claim GPUs."""
    return "" if spec.ami.family == "bottlerocket" else plugin_config(spec.sharing, gpu, spec.device_path)


def node_labels(spec: NodePoolSpec, gpu: GpuFacts | None) -> dict[str, str]:
    """Labels of every node: what its GPUs are, and what the device plugin and the MIG manager are asked for.

    What Bedplate relies on wins over the spec's own labels. An image that brings these agents is told by its user data.
    """
    config = device_plugin_config(spec, gpu) if gpu else ""
    own = gpu_labels(gpu, shares_per_gpu(spec.sharing), config, spec.device_path) if gpu else {}
    if spec.efa is not None:
        own[EFA_LABEL] = "true"
    return {**spec.labels, **own, POOL_LABEL: spec.name, ROLE_LABEL: spec.role}


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
