"""EC2 instance types as a node of them reports itself: a table and rules of the tests' own.

Independent of the product's catalogue on purpose: a capacity proof that is wrong must be able to disagree with it.
Sizes are EC2's published ones; network interfaces and addresses are those of `aws ec2 describe-instance-types`.
"""

from __future__ import annotations

from dataclasses import dataclass

KIB, MIB, GIB = 2**10, 2**20, 2**30
# Firmware, kernel and hypervisor take a part before the operating system sees it; Karpenter's default assumption.
MEMORY_OVERHEAD = 0.075
EVICTION_MEMORY_MIB = 100
EPHEMERAL_RESERVED_GIB = 1


@dataclass(frozen=True, slots=True)
class InstanceType:
    """Hardware of one type. `addresses` counts IPv4 addresses of one network interface; `gpu` is the GPUs' model."""

    vcpus: int
    memory_gib: int
    interfaces: int
    addresses: int
    gpus: int = 0
    gpu: str = ""

    @property
    def max_pods(self) -> int:
        """Pods that get an address from the VPC CNI: one address of each interface is the interface's own, and two
        pods (CNI and kube-proxy) use the host's network. EKS allows at most 110, or 250 from 30 vCPUs on."""
        return min(self.interfaces * (self.addresses - 1) + 2, 110 if self.vcpus < 30 else 250)


INSTANCE_TYPES = {
    "g6.12xlarge": InstanceType(48, 192, 8, 30, gpus=4, gpu="L4"),
    "g6.2xlarge": InstanceType(8, 32, 4, 15, gpus=1, gpu="L4"),
    "g6.xlarge": InstanceType(4, 16, 4, 15, gpus=1, gpu="L4"),
    "g6e.12xlarge": InstanceType(48, 384, 10, 30, gpus=4, gpu="L40S"),
    "g6e.2xlarge": InstanceType(8, 64, 4, 15, gpus=1, gpu="L40S"),
    "g6e.xlarge": InstanceType(4, 32, 4, 15, gpus=1, gpu="L40S"),
    "m6i.large": InstanceType(2, 8, 3, 10),
    "m6i.xlarge": InstanceType(4, 16, 4, 15),
    "m7i.2xlarge": InstanceType(8, 32, 4, 15),
    "m7i.large": InstanceType(2, 8, 3, 10),
    "m7i.xlarge": InstanceType(4, 16, 4, 15),
    "p4d.24xlarge": InstanceType(96, 1152, 15, 50, gpus=8, gpu="A100-40"),
    "p5.4xlarge": InstanceType(16, 256, 4, 30, gpus=1, gpu="H100"),
    "p5.48xlarge": InstanceType(192, 2048, 2, 50, gpus=8, gpu="H100"),
    "t3.medium": InstanceType(2, 4, 3, 6),
}


def capacity(instance: InstanceType, disk_gib: int) -> dict[str, str]:
    """``status.capacity`` as the kubelet reports it, without devices."""
    return {
        "cpu": str(instance.vcpus),
        "memory": f"{_memory_kib(instance)}Ki",
        "pods": str(instance.max_pods),
        "ephemeral-storage": f"{disk_gib * GIB // KIB}Ki",
    }


def allocatable(instance: InstanceType, disk_gib: int) -> dict[str, str]:
    """``status.allocatable`` on an EKS-optimised Amazon Linux 2023 image: capacity less what is reserved and the
    thresholds at which the kubelet evicts (100 MiB of memory, a tenth of the disk)."""
    reserved_mib = 255 + 11 * instance.max_pods + EVICTION_MEMORY_MIB
    disk = disk_gib * GIB * 9 // 10 - EPHEMERAL_RESERVED_GIB * GIB
    return {
        "cpu": f"{instance.vcpus * 1000 - reserved_millicores(instance.vcpus)}m",
        "memory": f"{_memory_kib(instance) - reserved_mib * MIB // KIB}Ki",
        "pods": str(instance.max_pods),
        "ephemeral-storage": f"{disk // KIB}Ki",
    }


def reserved_millicores(vcpus: int) -> int:
    """CPU kept for the system: 6 % of the first core, 1 % of the second, 0.5 % of two more, 0.25 % of all others."""
    tenths_of_millicores = (600, 100, 50, 50)
    return (sum(tenths_of_millicores[:vcpus]) + 25 * max(0, vcpus - len(tenths_of_millicores))) // 10


def _memory_kib(instance: InstanceType) -> int:
    return int(instance.memory_gib * GIB * (1 - MEMORY_OVERHEAD)) // KIB
