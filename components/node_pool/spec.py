"""One entry of nodePools: nodes of one kind with a size, a capacity type and, for GPUs, a way of sharing."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import Spec
from components.node_fields import (
    Ami,
    AmiSpec,
    DevicePath,
    Disk,
    DiskSpec,
    InstanceStore,
    Labels,
    NodeKubernetes,
    PoolName,
    PoolRole,
    SharingSpec,
    Taints,
    Zones,
)
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

    name: PoolName
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
    zones: Zones = ()
    labels: Labels = Field(default_factory=dict)
    taints: Taints = ()
    kubernetes: NodeKubernetes = None
    ami: Ami = AmiSpec()
    efa: EfaSpec | None = Field(default=None, description="Fast network between nodes; none where absent.")
    placement: Literal["cluster"] | None = Field(
        default=None,
        description="cluster puts all nodes close together in one zone (an EC2 placement group), which EFA needs for "
        "its speed. Not for a Capacity Block, whose instances are close together by themselves.",
    )
    update: UpdateSpec = Field(default=UpdateSpec(), description="How nodes are replaced by newer ones.")
    repair: RepairSpec = Field(default=RepairSpec(), description="What happens to nodes that stay unhealthy.")
    warm_pool: WarmPoolSpec | None = Field(default=None, description="Nodes that wait for use; none where absent.")
    disk: Disk = DiskSpec()
    instance_store: InstanceStore = "none"
    device_path: DevicePath = "devicePlugin"
    sharing: SharingSpec | None = Field(default=None, description="How GPUs are shared; whole GPUs where absent.")
