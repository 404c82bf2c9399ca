"""Which volumes EC2 nodes start with. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from components.node_fields import GP3_IOPS, GP3_MIB_PER_SECOND, AmiSpec, DiskSpec

# Of Amazon Linux 2023 the only volume, of Bottlerocket the one with the system, which is read-only and small.
ROOT_DEVICE = "/dev/xvda"
# Bottlerocket keeps images, pods and logs here.
DATA_DEVICE = "/dev/xvdb"
_BOTTLEROCKET_SYSTEM_GIB = 4


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
