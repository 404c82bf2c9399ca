"""Rows about hardware: GPUs, machines, drivers, and the operating system images that carry them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from bedplate.catalog.fields import Architecture, Count, Minor, Positive, Row, Text
from bedplate.catalog.support import Support
from bedplate.model.spec import FrozenMap
from bedplate.model.types import DottedVersion

AmiFamily = Literal["AL2023", "BOTTLEROCKET"]

# EKS caps the pods of managed nodes, with prefix delegation or without (EKS user guide, "How maxPods is determined").
MAX_PODS_BELOW_30_VCPUS = 110
MAX_PODS = 250
ADDRESSES_PER_PREFIX = 16


def _unknown(value: object) -> object:
    return None if value == "unknown" else value


CountOrUnknown = Annotated[Count | None, BeforeValidator(_unknown)]
"""A number, or None where the row says `unknown`: a source is missing, which is not the same as none."""
PositiveOrUnknown = Annotated[Positive | None, BeforeValidator(_unknown)]


class Gpu(Row):
    """A GPU. `memory_mib` is what a CUDA process sees, not what EC2 advertises; None: no source tells.

    `mig_profiles` holds what a node of EC2 can be split into; it is empty where the GPU, or EC2, has no MIG.
    `bottlerocket_name` is what Bottlerocket's own MIG manager calls it; None where that does not split it.
    """

    name: Text
    product_label: Text
    memory_mib: PositiveOrUnknown
    compute_capability: DottedVersion
    family: Text
    mig_profiles: FrozenMap[str, Positive] = Field(default_factory=dict)
    bottlerocket_name: Text | None = None
    nvlink: bool
    driver_minimum: DottedVersion


class Machine(Row):
    """What EC2 instance types and servers have in common. `gpu` is a row of `Catalog.gpus`."""

    name: Text
    vcpus: Positive
    memory_mib: Positive
    architecture: Architecture
    gpu: Text | None = None
    gpu_count: Count = 0
    nvme_gb: Count = 0


class InstanceType(Machine):
    """An EC2 instance type. The three GPU fields come together.

    None says that no source tells; a number, be it zero, that one does.
    """

    gpu_memory_mib: PositiveOrUnknown = None
    efa_interfaces: CountOrUnknown = 0
    network_cards: Positive = 1
    enis: PositiveOrUnknown
    ipv4_per_eni: Annotated[Annotated[int, Field(ge=2)] | None, BeforeValidator(_unknown)]

    @model_validator(mode="after")
    def gpu_fields_together(self) -> Self:
        """A type has a GPU, its count and its memory (if only as unknown), or none of them."""
        memory = "gpu_memory_mib" in self.model_fields_set
        if not (self.gpu is not None) == (self.gpu_count > 0) == memory:
            raise ValueError("gpu, gpuCount and gpuMemoryMib come together")
        return self

    def max_pods(self, *, prefix_delegation: bool) -> int | None:
        """Most pods on a managed node with the VPC CNI: interfaces × usable addresses + 2, up to the cap of EKS.

        The first address of an interface is its own; the two more are for pods on the host network. With prefix
        delegation each address slot holds a /28 prefix. None where the interfaces are unknown.
        """
        if self.enis is None or self.ipv4_per_eni is None:
            return None
        slots = self.enis * (self.ipv4_per_eni - 1)
        addresses = slots * ADDRESSES_PER_PREFIX if prefix_delegation else slots
        return min(addresses + 2, MAX_PODS_BELOW_30_VCPUS if self.vcpus < 30 else MAX_PODS)


class Server(Machine):
    """A server that is no cloud's. `nvlink`: its GPUs are linked, which those of the same kind in PCIe form are not."""

    nvlink: bool = False

    @model_validator(mode="after")
    def gpu_fields_together(self) -> Self:
        """A server has GPUs and their number, or neither; only GPUs are linked."""
        if (self.gpu is not None) != (self.gpu_count > 0):
            raise ValueError("gpu and gpuCount come together")
        if self.nvlink and self.gpu_count < 2:
            raise ValueError("nvlink is only for servers with two GPUs or more")
        return self


class DriverBranch(Row):
    """A branch of NVIDIA's data centre driver: all releases whose first number it is."""

    branch: Annotated[str, Field(pattern=r"^[0-9]{3}$")]
    kind: Literal["long-term", "production", "new-feature"]
    latest: DottedVersion
    ends: date

    def support(self, on: date) -> Support:
        """Security fixes come up to and including the last day."""
        return Support("standard", self.ends, (self.ends - on).days) if on <= self.ends else Support("ended", self.ends)


class DriverContainer(Row):
    """A system (`os`, as image tags name it) for which NVIDIA publishes driver images.

    `precompiled` are branches whose modules come ready, by series of the kernel ("6.8"), for kernels of `flavours`.
    """

    os: Text
    precompiled: FrozenMap[DottedVersion, tuple[Text, ...]] = Field(default_factory=dict)
    flavours: tuple[Text, ...] = ()

    def precompiles(self, branch: str, kernel: str) -> bool:
        """Whether images exist for a kernel like `kernel` ("6.8.0-86-generic")."""
        series = ".".join(kernel.split(".")[:2])
        known_flavour = kernel.endswith(tuple(f"-{flavour}" for flavour in self.flavours))
        return branch in self.precompiled.get(series, ()) and known_flavour

    def kernels(self) -> tuple[str, ...]:
        """Kernels that have images of some branch, for people: "6.8-generic"."""
        return tuple(f"{series}…-{flavour}" for series in self.precompiled for flavour in self.flavours)


class CudaRelease(Row):
    """A CUDA toolkit. `driver` is the Linux driver that came with it, None where no source tells.

    `driver_minimum` is the oldest driver on which its containers run without NVIDIA's compatibility packages.
    """

    version: DottedVersion
    driver: Annotated[DottedVersion | None, BeforeValidator(_unknown)]
    driver_minimum: DottedVersion


class AmiType(Row):
    """An AMI type of EKS managed node groups.

    `root_device` is the volume that a launch template sizes for the operating system; `data_device` the one for
    containers, images and pod storage, None where they share the root.
    """

    name: Text
    architecture: Architecture
    accelerator: Literal["nvidia", "neuron"] | None = None
    family: AmiFamily
    fips: bool = False
    kernels: FrozenMap[Minor, DottedVersion] = Field(default_factory=dict)
    drivers: FrozenMap[Minor, DottedVersion] = Field(default_factory=dict)
    cuda_maximum: DottedVersion | None = None
    includes_device_plugin: bool
    includes_mig_manager: bool
    root_device: Text
    data_device: Text | None = None

    def driver(self, kubernetes: str) -> str | None:
        """NVIDIA driver (release or branch) for a Kubernetes minor; None where there is none, or none is known."""
        return self.drivers.get(kubernetes)

    def kernel(self, kubernetes: str) -> str | None:
        """Series of the Linux kernel ("6.12") for a Kubernetes minor; None where it is not known."""
        return self.kernels.get(kubernetes)


class GpuFault(Row):
    """A fault of a GPU (`xid`) that becomes a condition of its node, and what EKS does about it by itself."""

    xid: Positive
    action: Literal["reboot", "replace"]

    @property
    def reason(self) -> str:
        """Reason of the condition."""
        return f"NvidiaXID{self.xid}Error"
