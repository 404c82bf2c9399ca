"""What a node leaves to pods, by instance type or kind of server."""

from __future__ import annotations

from dataclasses import replace

from bedplate.capacity.resources import Amount
from bedplate.catalog.hardware import ADDRESSES_PER_PREFIX, InstanceType, Machine, Server
from bedplate.units.quantity import parse_quantity
from components.inventory_pool.spec import ReservedSpec

MIB = 1024**2

# The operating system sees less memory than the type's name says. Karpenter subtracts this part unless it is told
# otherwise (VM_MEMORY_OVERHEAD_PERCENT=0.075), so a plan that fits here fits there.
VM_OVERHEAD_PERMILLE = 75
# Hard eviction threshold of the EKS AMIs: memory.available<100Mi.
EVICTION_BYTES = 100 * MIB
KUBELET_MAX_PODS = 110


def allocatable(
    instance: InstanceType, *, gpu_units: int, interfaces_taken: int = 0, prefix_delegation: bool = False
) -> Amount:
    """CPU, memory, GPUs and pods that a node of `instance` offers to pods (DaemonSets included).

    Memory = type's memory − 7.5 % − (255 MiB + 11 MiB × max pods) − 100 MiB; CPU = vCPUs − 6 % of the first core,
    1 % of the second, 0.5 % of the third and fourth, 0.25 % of the others. Source: bootstrap of the EKS AMIs.
    `gpu_units` is GPUs × shares per GPU; `interfaces_taken` are network interfaces that give pods no addresses: the
    kubelet does not know of them and keeps as much memory as without. With `prefix_delegation` a node takes more pods,
    which reserves more memory.
    """
    pods = instance.max_pods(prefix_delegation=prefix_delegation)
    assert pods is not None  # cross-checked
    assert instance.enis is not None
    assert instance.ipv4_per_eni is not None
    slots = (instance.enis - interfaces_taken) * (instance.ipv4_per_eni - 1)
    addresses = slots * ADDRESSES_PER_PREFIX if prefix_delegation else slots
    return replace(_eks_image(instance, pods), gpu=gpu_units, pods=min(pods, addresses + 2))


def allocatable_by_karpenter(instance: InstanceType, *, gpu_units: int, max_pods: int | None) -> Amount:
    """The same for a node that Karpenter starts, which tells the kubelet how many pods it may have: `max_pods`, else
    as many as its interfaces have addresses for, without prefix delegation and without EKS's cap.

    Source: Karpenter AWS provider 1.14, the pods and the overhead of an instance type.
    """
    assert instance.enis is not None  # cross-checked
    assert instance.ipv4_per_eni is not None
    pods = max_pods or instance.enis * (instance.ipv4_per_eni - 1) + 2
    return replace(_eks_image(instance, pods), gpu=gpu_units)


def allocatable_server(server: Server, *, gpu_units: int, reserved: ReservedSpec | None) -> Amount:
    """CPU, memory, GPUs and pods that a `server` of one's own offers to pods (DaemonSets included).

    With `reserved`, all else but the eviction threshold is for pods; without, as much is kept as an EKS image keeps of
    an equal machine. Pods: the kubelet's default maximum (Kubernetes, KubeletConfiguration, maxPods).
    """
    if reserved is None:
        return replace(_eks_image(server, KUBELET_MAX_PODS), gpu=gpu_units)
    memory = server.memory_mib * MIB - int(parse_quantity(reserved.memory)) - EVICTION_BYTES
    cpu = server.vcpus * 1000 - int(parse_quantity(reserved.cpu) * 1000)
    return Amount(cpu=cpu, memory=memory, gpu=gpu_units, pods=KUBELET_MAX_PODS)


def _eks_image(machine: Machine, pods: int) -> Amount:
    """What an EKS image leaves of a machine on which at most `pods` run."""
    seen = machine.memory_mib * MIB * (1000 - VM_OVERHEAD_PERMILLE) // 1000
    memory = seen - (255 + 11 * pods) * MIB - EVICTION_BYTES
    return Amount(cpu=machine.vcpus * 1000 - _reserved_cpu(machine.vcpus), memory=memory, pods=pods)


def _reserved_cpu(vcpus: int) -> int:
    """Millicores reserved for the kubelet and the system, rounded up."""
    tenths = sum(600 if core == 0 else 100 if core == 1 else 50 if core < 4 else 25 for core in range(vcpus))
    return -(-tenths // 10)
