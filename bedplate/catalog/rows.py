"""The rows of the catalogue: one class per data file. Their fields are explained at the top of the files.

Sizes carry their unit in the name (MiB = 2^20 bytes, GB = 10^9). Absent facts are None or empty, never zero.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import FrozenMap, Spec
from bedplate.model.types import DottedVersion, SemVer, Sha256Digest

Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]
Minor = Annotated[str, Field(pattern=r"^1\.[0-9]{2}$")]
"""A minor version of Kubernetes, as in "1.35"."""

Architecture = Literal["x86_64", "arm64"]
Standing = Literal["confirmed", "publisher", "corroborated", "single"]
PriceUnit = Literal["hour", "month", "gb-month"]
WriterName = Literal[
    "cert-manager",
    "eks",
    "envoy-gateway",
    "gpu-feature-discovery",
    "hpa",
    "karpenter",
    "keda",
    "kserve",
    "kube-controller-manager",
    "kubelet",
    "pulumi",
    "scheduler",
]

# EKS caps the pods of managed nodes, with prefix delegation or without (EKS user guide, "How maxPods is determined").
MAX_PODS_BELOW_30_VCPUS = 110
MAX_PODS = 250
ADDRESSES_PER_PREFIX = 16


class Row(Spec):
    """What every row has: where its facts were read (`source`), and the date of the oldest of its sources (`as_of`)."""

    source: Text
    as_of: date


class KubernetesVersion(Row):
    """A Kubernetes minor that EKS offers, with the days on which its support ends."""

    version: Minor
    eks_release: date
    standard_support_ends: date
    extended_support_ends: date


class Gpu(Row):
    """A GPU of EC2. `memory_mib` is what a CUDA process sees, not what EC2 advertises."""

    name: Text
    product_label: Text
    memory_mib: Positive
    compute_capability: DottedVersion
    family: Text
    mig_profiles: FrozenMap[str, Positive] = Field(default_factory=dict)
    nvlink: bool
    driver_minimum: DottedVersion


class InstanceType(Row):
    """An EC2 instance type. `gpu` is a row of `Catalog.gpus`; the three GPU fields come together."""

    name: Text
    vcpus: Positive
    memory_mib: Positive
    architecture: Architecture
    gpu: Text | None = None
    gpu_count: Count = 0
    gpu_memory_mib: Positive | None = None
    nvme_gb: Count = 0
    efa_interfaces: Count = 0
    enis: Positive
    ipv4_per_eni: Annotated[int, Field(ge=2)]

    @model_validator(mode="after")
    def gpu_fields_together(self) -> Self:
        """A type has a GPU, its count and its memory, or none of them."""
        if not (self.gpu is not None) == (self.gpu_count > 0) == (self.gpu_memory_mib is not None):
            raise ValueError("gpu, gpuCount and gpuMemoryMib come together")
        return self

    def max_pods(self, *, prefix_delegation: bool) -> int:
        """Most pods on a managed node with the VPC CNI: interfaces × usable addresses + 2, up to the cap of EKS.

        The first address of an interface is its own; the two more are for pods on the host network. With prefix
        delegation each address slot holds a /28 prefix.
        """
        slots = self.enis * (self.ipv4_per_eni - 1)
        addresses = slots * ADDRESSES_PER_PREFIX if prefix_delegation else slots
        return min(addresses + 2, MAX_PODS_BELOW_30_VCPUS if self.vcpus < 30 else MAX_PODS)


class AmiType(Row):
    """An AMI type of EKS managed node groups."""

    name: Text
    architecture: Architecture
    accelerator: Literal["nvidia"] | None = None
    family: Literal["AL2023", "BOTTLEROCKET"]
    drivers: FrozenMap[Minor, DottedVersion] = Field(default_factory=dict)
    cuda_maximum: DottedVersion | None = None
    includes_device_plugin: bool

    def driver(self, kubernetes: str) -> str | None:
        """NVIDIA driver (release or branch) for a Kubernetes minor; None where there is none, or none is known."""
        return self.drivers.get(kubernetes)


class ChartReference(Spec):
    """A Helm chart: `repository` with its scheme and the chart's name, and the version as its publisher writes it."""

    repository: Annotated[str, Field(pattern=r"^(oci|https)://[^\s:]+/[^\s:]+$")]
    version: Annotated[str, Field(pattern=r"^v?[0-9]+\.[0-9]+\.[0-9]+$")]


class Baseline(Row):
    """A set of versions that fit together. `images` are by role, without digests; `charts` by add-on name."""

    name: Text
    kubernetes: Minor
    ami_release: Text
    kserve: SemVer
    gateway_api: SemVer
    envoy_gateway: SemVer
    cert_manager: SemVer
    device_plugin: SemVer
    dcgm_exporter: Text
    dra_driver: SemVer
    mig_manager: SemVer
    karpenter: SemVer
    keda: SemVer
    kueue: SemVer
    leader_worker_set: SemVer
    external_secrets: SemVer
    images: FrozenMap[str, Text]
    charts: FrozenMap[str, ChartReference]


class PublishedDigest(Row):
    """A digest that public sources give for an image or chart; `standing` says how well they agree."""

    reference: Annotated[str, Field(pattern=r"^[^\s@]+:[A-Za-z0-9_][A-Za-z0-9_.-]*$")]
    digest: Sha256Digest
    standing: Standing


class ModelArchitecture(Row):
    """The shape of a model's network, from which memory is computed."""

    name: Text
    layers: Positive
    attention_heads: Positive
    kv_heads: Positive
    head_dim: Positive
    hidden_size: Positive
    max_positions: Positive
    parameters: Positive


class Price(Row):
    """A list price: `amount` of `currency` (ISO 4217) per `unit` of `item` in `region`."""

    item: Text
    unit: PriceUnit
    amount: Annotated[Decimal, Field(gt=0)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    region: Text


class Runtime(Row):
    """A serving runtime, with what the memory proof needs to know of it."""

    name: Text
    image_role: Text
    cuda_minimum: DottedVersion
    driver_minimum: DottedVersion
    port: Annotated[int, Field(ge=1, le=65535)]
    metrics_path: Annotated[str, Field(pattern="^/")]
    gpu_memory_utilization: Annotated[float, Field(gt=0, le=1)]
    overhead_gib: Annotated[float, Field(gt=0)]
    weights_factor: Annotated[float, Field(ge=1)]
    ttft_bounds_seconds: tuple[Annotated[float, Field(gt=0)], ...]


class ReplacementRule(Row):
    """How objects of one resource type take a change of their inputs."""

    type: Text
    paths: tuple[Text, ...]
    removed: tuple[Text, ...] = ()
    stateful: bool = False


class Writer(Row):
    """Who writes a field (`path`, or "*") of objects of a kind; `made_by` is empty for registered objects."""

    kind: Text
    made_by: str = ""
    path: Text
    writer: WriterName
    reason: Text
