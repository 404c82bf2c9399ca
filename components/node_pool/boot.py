"""What nodes of a managed pool are told at their first start, and which volumes they start with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from components.node_fields import GP3_IOPS, GP3_MIB_PER_SECOND, AmiSpec, DiskSpec, SharingSpec
from components.node_pool.spec import NodePoolSpec
from components.user_data import bottlerocket_user_data, nodeadm_user_data

# Of Amazon Linux 2023 the only volume, of Bottlerocket the one with the system, which is read-only and small.
ROOT_DEVICE = "/dev/xvda"
# Bottlerocket keeps images, pods and logs here.
DATA_DEVICE = "/dev/xvdb"
_BOTTLEROCKET_SYSTEM_GIB = 4

# What nodeadm calls RAID0, in Bottlerocket's words. Source: Karpenter AWS provider 1.14.1, which writes the same.
_BOTTLEROCKET_RAID0: Mapping[str, object] = {
    "bootstrap-commands": {
        "000-mount-instance-storage": {
            "commands": [
                ["apiclient", "ephemeral-storage", "init"],
                [
                    "apiclient",
                    "ephemeral-storage",
                    "bind",
                    "--dirs",
                    "/var/lib/containerd",
                    "/var/lib/kubelet",
                    "/var/log/pods",
                ],
            ],
            "essential": True,
            "mode": "always",
        }
    }
}
_NODEADM_RAID0: Mapping[str, object] = {"instance": {"localStorage": {"strategy": "RAID0"}}}


@dataclass(frozen=True, slots=True)
class Volume:
    """An encrypted gp3 volume of a node, at `device`."""

    device: str
    gib: int
    iops: int = GP3_IOPS
    throughput_mibs: int = GP3_MIB_PER_SECOND


class OnDisk(Protocol):
    """A pool's entry of any kind that EC2 starts, as far as its volumes go."""

    @property
    def ami(self) -> AmiSpec:
        """Operating system of the nodes."""

    @property
    def disk(self) -> DiskSpec:
        """Volume of each node."""


def volumes(spec: OnDisk) -> tuple[Volume, ...]:
    """Volumes of each node. The spec's disk is where images and pods are."""
    disk = spec.disk
    if spec.ami.family == "bottlerocket":
        system = Volume(ROOT_DEVICE, _BOTTLEROCKET_SYSTEM_GIB)
        return system, Volume(DATA_DEVICE, disk.gib, disk.iops, disk.throughput_mibs)
    return (Volume(ROOT_DEVICE, disk.gib, disk.iops, disk.throughput_mibs),)


def user_data(spec: NodePoolSpec, mig: Mapping[str, str] | None = None) -> str | None:
    """User data in the language of the pool's image; None where the image's own settings do.

    `mig` is the profile that the pool's GPUs are split into, by the name that Bottlerocket has for them.
    """
    if spec.ami.family == "bottlerocket":
        settings = _bottlerocket_settings(spec, mig or {})
        return bottlerocket_user_data(settings) if settings else None
    return nodeadm_user_data(_NODEADM_RAID0) if spec.instance_store == "raid0" else None


def _bottlerocket_settings(spec: NodePoolSpec, mig: Mapping[str, str]) -> dict[str, object]:
    settings: dict[str, object] = dict(_BOTTLEROCKET_RAID0) if spec.instance_store == "raid0" else {}
    if spec.sharing is not None:
        settings["kubelet-device-plugins"] = {"nvidia": bottlerocket_gpu_settings(spec.sharing, mig)}
    return settings


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
