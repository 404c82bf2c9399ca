"""One entry of nodePools: nodes of one kind with a size, a capacity type and, for GPUs, a way of sharing."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import FrozenMap, Spec
from bedplate.model.types import DnsLabel, LabelKey, LabelValue


class SizeSpec(Spec):
    """How many nodes. EKS keeps between min and max and starts with desired."""

    min: int = Field(ge=0, le=450, description="Fewest nodes.", examples=[1])
    desired: int = Field(ge=0, le=450, description="Nodes to start with; an autoscaler may move it.", examples=[1])
    max: int = Field(ge=1, le=450, description="Most nodes (an EKS node group holds at most 450).", examples=[2])

    @model_validator(mode="after")
    def ordered(self) -> Self:
        """min ≤ desired ≤ max, as EKS requires."""
        if not self.min <= self.desired <= self.max:
            raise ValueError(f"min ≤ desired ≤ max is required, got {self.min}, {self.desired}, {self.max}")
        return self


class TaintSpec(Spec):
    """A mark that keeps pods away unless they tolerate it."""

    key: LabelKey = Field(description="Taint key.", examples=["dedicated"])
    value: LabelValue = Field(default="", description="Taint value.", examples=["batch"])
    effect: Literal["NoSchedule", "NoExecute", "PreferNoSchedule"] = Field(description="What the taint does.")


class TimeSlicingSpec(Spec):
    """Several pods take turns on one GPU, without memory isolation."""

    replicas: int = Field(ge=2, le=8, description="Pods that share one GPU (2 to 8, as AWS advises).", examples=[4])


class SharingSpec(Spec):
    """How one GPU serves several pods."""

    time_slicing: TimeSlicingSpec = Field(description="Share by time through the NVIDIA device plugin.")


class NodePoolSpec(Spec):
    """An EKS managed node group on Amazon Linux 2023, with a launch template of its own."""

    name: DnsLabel = Field(description="Name of the pool; models point at it.", examples=["l4"])
    role: Literal["system", "general", "inference", "training"] = Field(
        description="What runs here: system add-ons, general pods, model inference or training. "
        "Becomes the node label bedplate.dev/role."
    )
    instance_types: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)] = Field(
        description="EC2 instance types in order of preference. All must have the same GPUs.", examples=[["g6.xlarge"]]
    )
    size: SizeSpec = Field(description="Number of nodes.")
    capacity: Literal["onDemand", "spot"] = Field(
        default="onDemand", description="How EC2 sells the nodes; Spot is cheaper and can be taken back within minutes."
    )
    zones: tuple[str, ...] = Field(
        default=(),
        description="Availability zones, a part of the environment's; all where empty.",
        examples=[["us-east-1a"]],
    )
    labels: FrozenMap[LabelKey, LabelValue] = Field(
        default_factory=dict, description="Further node labels.", examples=[{"example.org/rack": "a"}]
    )
    taints: tuple[TaintSpec, ...] = Field(
        default=(), description="Further taints. GPU pools carry nvidia.com/gpu=true:NoSchedule without being told."
    )
    disk_gib: int = Field(
        default=100,
        ge=30,
        le=16384,
        description="Encrypted gp3 root disk per node, GiB. Serving images need 60 and more.",
    )
    sharing: SharingSpec | None = Field(default=None, description="How GPUs are shared; whole GPUs where absent.")
