"""What Bottlerocket is told of a node's GPUs: its device plugin and its MIG manager read settings. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from components.base import GpuFacts
from components.node_fields import SharingSpec


def bottlerocket_gpu_settings(sharing: SharingSpec, mig: Mapping[str, str]) -> dict[str, object]:
    """Settings of the device plugin and the MIG manager that are part of Bottlerocket: what ours have in files."""
    if sharing.time_slicing is None:
        return {"device-partitioning-strategy": "mig", "mig": {"profile": dict(mig)}}
    return {
        "device-sharing-strategy": "time-slicing",
        "time-slicing": {
            "fail-requests-greater-than-one": True,
            "rename-by-default": False,
            "replicas": sharing.time_slicing.replicas,
        },
    }


def bottlerocket_split(gpu: GpuFacts | None) -> dict[str, str]:
    """The profile that MIG splits the GPUs into, by the name that Bottlerocket has for them; it takes one."""
    if gpu is None or gpu.partition is None or len(gpu.partition.layout) > 1:
        return {}
    (profile,) = gpu.partition.layout
    return {gpu.bottlerocket_name: profile}
