"""Keys of a pool's entry that pools of several kinds share: labels, taints, sharing of GPUs, disks, images."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import FrozenMap, Refusal, Spec
from bedplate.model.types import DnsLabel, Form, KmsKeyArn, KubernetesMinor, LabelKey, LabelValue, MigProfileName

PoolRole = Literal["system", "general", "inference", "training"]
"""What runs on a pool's nodes."""

DevicePath = Annotated[
    Literal["devicePlugin", "dra"],
    Field(
        description="How pods ask for the pool's GPUs: devicePlugin has them counted (nvidia.com/gpu), dra claimed "
        "(dynamic resource allocation; Kubernetes 1.34 and newer). Never both on one pool."
    ),
]
PoolName = Annotated[DnsLabel, Field(description="Name of the pool; models point at it.", examples=["l4"])]
Labels = Annotated[
    FrozenMap[LabelKey, LabelValue],
    Field(description="Further node labels.", examples=[{"example.org/rack": "a"}]),
]
Zones = Annotated[
    tuple[str, ...],
    Field(description="Availability zones, a part of the environment's; all where empty.", examples=[["us-east-1a"]]),
]
NodeKubernetes = Annotated[
    KubernetesMinor | None,
    Field(
        description="Kubernetes version of the nodes, quoted; the baseline's where absent. A pool may lag the control "
        "plane by up to three minors, so that a canary pool is upgraded before the others.",
        examples=["1.34"],
    ),
]
InstanceStore = Annotated[
    Literal["none", "raid0"],
    Field(
        description="Local NVMe disks of the instance type: left alone, or joined into one volume that holds images, "
        "pods and logs in place of the disk (raid0). They are empty after a stop."
    ),
]

# What gp3 gives at no extra price, and what more may be bought: Amazon EBS User Guide, "General Purpose SSD volumes".
GP3_IOPS = 3000
GP3_MIB_PER_SECOND = 125
_MOST_IOPS_PER_GIB = 500
_IOPS_PER_MIB_PER_SECOND = 4

AmiFamily = Literal["al2023", "bottlerocket"]

CapacityReservationId = Annotated[
    str, Form(r"cr-[0-9a-f]{8,17}", "the id of a capacity reservation", "cr-0a1b2c3d4e5f60718")
]

# As EKS writes releases: Kubernetes version and date, or Bottlerocket version and commit.
_RELEASES = {
    "al2023": (r"1\.[0-9]{2}\.[0-9]+-[0-9]{8}", "1.35.6-20260714"),
    "bottlerocket": (r"[0-9]+\.[0-9]+\.[0-9]+-(?!20[0-9]{6})[0-9a-f]{8}", "1.53.0-0a1b2c3d"),
}


class TaintSpec(Spec):
    """A mark that keeps pods away unless they tolerate it."""

    key: LabelKey = Field(description="Taint key.", examples=["dedicated"])
    value: LabelValue = Field(default="", description="Taint value.", examples=["batch"])
    effect: Literal["NoSchedule", "NoExecute", "PreferNoSchedule"] = Field(description="What the taint does.")


Taints = Annotated[
    tuple[TaintSpec, ...],
    Field(description="Further taints. GPU pools carry nvidia.com/gpu=true:NoSchedule without being told."),
]


class TimeSlicingSpec(Spec):
    """Several pods take turns on one GPU, without memory isolation."""

    replicas: int = Field(ge=2, le=8, description="Pods that share one GPU (2 to 8, as AWS advises).", examples=[4])


class MigSpec(Spec):
    """Every GPU of the pool is split into instances with memory and compute of their own (NVIDIA MIG).

    Which profiles a GPU has, and which stand side by side, is a row of the catalogue for each.
    """

    profile: MigProfileName | None = Field(
        default=None,
        description="As many instances of this profile as a GPU holds. Either this or layout.",
        examples=["1g.10gb"],
    )
    layout: FrozenMap[MigProfileName, Annotated[int, Field(ge=1, le=7)]] = Field(
        default_factory=dict,
        description="Instances on each GPU, by profile. Either this or profile.",
        examples=[{"1g.10gb": 2, "2g.20gb": 1, "3g.40gb": 1}],
    )
    strategy: Literal["single", "mixed"] = Field(
        default="single",
        description="Names under which nodes offer instances: single calls each of them nvidia.com/gpu, and all are "
        "alike; mixed calls them nvidia.com/mig-<profile>.",
    )

    @model_validator(mode="after")
    def one_split(self) -> Self:
        """profile or layout, and one profile where instances share a name."""
        if bool(self.profile) == bool(self.layout):
            raise Refusal("profile or layout is required, and not both", hint="for example profile: 1g.10gb")
        if self.strategy == "single" and len(self.layout) > 1:
            message = f"has {len(self.layout)} profiles, and strategy single offers all instances as one resource"
            raise Refusal(message, path=("layout",), hint="set strategy: mixed")
        return self


class SharingSpec(Spec):
    """How one GPU serves several pods: they take turns on it, or each has an instance of it."""

    time_slicing: TimeSlicingSpec | None = Field(
        default=None, description="Share by time through the NVIDIA device plugin. Either this or mig."
    )
    mig: MigSpec | None = Field(
        default=None, description="Split GPUs into instances with NVIDIA MIG. Either this or timeSlicing."
    )

    @model_validator(mode="after")
    def one_way(self) -> Self:
        """timeSlicing or mig."""
        if (self.time_slicing is None) == (self.mig is None):
            raise Refusal("timeSlicing or mig is required, and not both")
        return self


class DiskSpec(Spec):
    """The encrypted gp3 volume that holds images, logs and empty directories of a node."""

    gib: int = Field(default=100, ge=30, le=16384, description="Size, GiB. Serving images need 60 and more.")
    iops: int = Field(
        default=GP3_IOPS,
        ge=GP3_IOPS,
        le=16000,
        description="I/O operations per second; 3000 come with the volume, more are billed.",
    )
    throughput_mibs: Annotated[int, Field(ge=GP3_MIB_PER_SECOND, le=1000)] = Field(
        default=GP3_MIB_PER_SECOND,
        description="Throughput, MiB/s; 125 come with the volume, more are billed and shorten image pulls.",
    )
    kms_key_arn: KmsKeyArn | None = Field(
        default=None,
        description="KMS key that encrypts the volume; the account's default key for EBS where absent. Its policy must "
        "let the Auto Scaling service-linked role use it, or, for pools of Karpenter, leave rights to IAM: the "
        "controller gets them.",
    )

    @model_validator(mode="after")
    def ratios(self) -> Self:
        """gp3 allows 500 IOPS per GiB, and 1 MiB/s for every 4 IOPS."""
        if self.iops > self.gib * _MOST_IOPS_PER_GIB:
            most = self.gib * _MOST_IOPS_PER_GIB
            raise Refusal(f"{self.gib} GiB allow at most {most} IOPS (500 per GiB), got {self.iops}", path=("iops",))
        needed = self.throughput_mibs * _IOPS_PER_MIB_PER_SECOND
        if self.iops < needed:
            message = f"{self.throughput_mibs} MiB/s need {needed} IOPS (4 per MiB/s), got {self.iops}"
            raise Refusal(message, path=("iops",), hint=f"set iops: {needed}")
        return self


class AmiSpec(Spec):
    """The EKS-optimised image that nodes start from; with NVIDIA's driver where the instance type has GPUs."""

    family: AmiFamily = Field(
        default="al2023",
        description="Amazon Linux 2023, or Bottlerocket, which has no shell and runs the device plugin by itself.",
    )
    release: str | None = Field(
        default=None,
        description="Release as EKS writes it; the baseline's for Amazon Linux 2023 where absent.",
        examples=["1.35.6-20260714"],
    )
    fips: bool = Field(
        default=False, description="Image with validated cryptography (FIPS 140-3); of Bottlerocket only."
    )

    @model_validator(mode="after")
    def of_one_family(self) -> Self:
        """Release and FIPS fit the family."""
        pattern, example = _RELEASES[self.family]
        if self.release is not None and not re.fullmatch(pattern, self.release, re.ASCII):
            message = f"'{self.release}' is not a release of {self.family}"
            raise Refusal(message, path=("release",), hint=f"for example {example}")
        if self.fips and self.family == "al2023":
            message = "EKS has no FIPS image of Amazon Linux 2023"
            raise Refusal(message, path=("fips",), hint="set family: bottlerocket")
        return self


Ami = Annotated[AmiSpec, Field(description="Operating system of the nodes.")]
Disk = Annotated[DiskSpec, Field(description="Volume of each node.")]
