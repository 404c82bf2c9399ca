"""One entry of nodePools: nodes of one kind with a size, a capacity type and, for GPUs, a way of sharing."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import FrozenMap, Spec
from bedplate.model.types import DnsLabel, KubernetesMinor, LabelKey, LabelValue
from components.node_fields import AmiSpec, DevicePath, DiskSpec, PoolRole, SharingSpec, TaintSpec
from components.node_pool.options import EfaSpec, RepairSpec, ReservationSpec, UpdateSpec, WarmPoolSpec


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


class NodePoolSpec(Spec):
    """An EKS managed node group with a launch template of its own."""

    name: DnsLabel = Field(description="Name of the pool; models point at it.", examples=["l4"])
    provisioner: Literal["managed"] = Field(description="Who makes the nodes: managed is an EKS managed node group.")
    role: PoolRole = Field(
        description="What runs here: system add-ons, general pods, model inference or training. "
        "Becomes the node label bedplate.dev/role."
    )
    instance_types: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)] = Field(
        description="EC2 instance types in order of preference. All must have the same GPUs.", examples=[["g6.xlarge"]]
    )
    size: SizeSpec = Field(description="Number of nodes.")
    capacity: Literal["onDemand", "spot", "capacityBlock"] = Field(
        default="onDemand",
        description="How EC2 sells the nodes: spot is cheaper and can be taken back within minutes, capacityBlock was "
        "bought for a span of time and is named by reservation.",
    )
    reservation: ReservationSpec | None = Field(
        default=None, description="Reserved capacity that nodes start in; required for capacityBlock."
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
    kubernetes: KubernetesMinor | None = Field(
        default=None,
        description="Kubernetes version of the nodes, quoted; the baseline's where absent. A pool may lag the control "
        "plane by up to three minors, so that a canary pool is upgraded before the others.",
        examples=["1.34"],
    )
    ami: AmiSpec = Field(default=AmiSpec(), description="Operating system of the nodes.")
    efa: EfaSpec | None = Field(default=None, description="Fast network between nodes; none where absent.")
    placement: Literal["cluster"] | None = Field(
        default=None,
        description="cluster puts all nodes close together in one zone (an EC2 placement group), which EFA needs for "
        "its speed.",
    )
    update: UpdateSpec = Field(default=UpdateSpec(), description="How nodes are replaced by newer ones.")
    repair: RepairSpec = Field(default=RepairSpec(), description="What happens to nodes that stay unhealthy.")
    warm_pool: WarmPoolSpec | None = Field(default=None, description="Nodes that wait for use; none where absent.")
    disk: DiskSpec = Field(default=DiskSpec(), description="Volume of each node.")
    instance_store: Literal["none", "raid0"] = Field(
        default="none",
        description="Local NVMe disks of the instance type: left alone, or joined into one volume that holds images, "
        "pods and logs in place of the disk (raid0). They are empty after a stop.",
    )
    device_path: DevicePath = Field(
        default="devicePlugin",
        description="How pods ask for the pool's GPUs: devicePlugin has them counted (nvidia.com/gpu), dra claimed "
        "(dynamic resource allocation; Kubernetes 1.34 and newer). Never both on one pool.",
    )
    sharing: SharingSpec | None = Field(default=None, description="How GPUs are shared; whole GPUs where absent.")
