"""An entry of nodePools with `provisioner: karpenter`: nodes that Karpenter starts when pods wait for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import Refusal, Spec
from components.karpenter.disruption import DisruptionSpec, Duration, DurationOrNever
from components.node_fields import (
    Ami,
    AmiSpec,
    CapacityReservationId,
    Disk,
    DiskSpec,
    InstanceStore,
    Labels,
    NodeKubernetes,
    PoolName,
    SharingSpec,
    Taints,
    Zones,
)

Capacity = Literal["onDemand", "spot", "reserved"]

_MANAGED = "set provisioner: managed"
# Keys of managed pools.
_MANAGED_KEYS: Mapping[str, tuple[str, str]] = {
    "devicePath": (
        "Karpenter starts nodes for GPUs that pods count, and sees none that they claim",
        "set provisioner: managed, or leave it out",
    ),
    "efa": ("Bedplate gives Elastic Fabric Adapters to managed pools alone", _MANAGED),
    "placement": ("Bedplate makes placement groups for managed pools alone", _MANAGED),
    "repair": (
        "Karpenter repairs nodes of all its pools or of none",
        "set settings.featureGates.nodeRepair of its chart",
    ),
    "reservation": ("Karpenter's nodes start in any of several reservations", "reservations: [cr-…]"),
    "size": ("the number of Karpenter's nodes follows from pods", "write limits, and replicas for a fixed number"),
    "update": ("Karpenter replaces nodes as disruption says", "write disruption.budgets"),
    "warmPool": ("Karpenter keeps no nodes that wait for use", _MANAGED),
}


class KarpenterLimitsSpec(Spec):
    """The most that all nodes of the pool may have together. At least one is stated: nothing else bounds the cost.

    Karpenter starts no node that would exceed one of them.
    """

    nodes: int | None = Field(default=None, ge=1, le=5000, description="Nodes.", examples=[4])
    cpu: int | None = Field(default=None, ge=1, description="vCPUs of all nodes.", examples=[256])
    memory_gib: int | None = Field(default=None, ge=1, description="Memory of all nodes, GiB.", examples=[1024])
    gpus: int | None = Field(default=None, ge=1, description="GPUs of all nodes.", examples=[8])

    @model_validator(mode="after")
    def bounded(self) -> Self:
        """At least one limit."""
        if all(value is None for value in (self.nodes, self.cpu, self.memory_gib, self.gpus)):
            raise Refusal("is empty: without a limit nothing bounds the cost", hint="for example {nodes: 4}")
        return self


class KubeletSpec(Spec):
    """Settings of the kubelet that Karpenter has to know as well, since it packs nodes before they exist."""

    max_pods: int = Field(
        ge=8,
        le=250,
        description="Most pods of a node. Needed with pods.prefixDelegation, of which Karpenter does not know.",
        examples=[110],
    )


class KarpenterPoolSpec(Spec):
    """Nodes of one kind that Karpenter starts and ends, within limits."""

    elsewhere: ClassVar[Mapping[str, tuple[str, str]]] = _MANAGED_KEYS

    name: PoolName
    provisioner: Literal["karpenter"] = Field(description="Who makes the nodes: karpenter starts them when pods wait.")
    role: Literal["general", "inference", "training"] = Field(
        description="What runs here: general pods, model inference or training. What the system needs, Karpenter's own "
        "controller with it, runs on nodes that do not depend on it. Becomes the node label bedplate.dev/role."
    )
    instance_types: Annotated[tuple[str, ...], Field(min_length=1, max_length=60)] = Field(
        description="EC2 instance types that Karpenter may choose from. All must have the same GPUs.",
        examples=[["g6.xlarge", "g6.2xlarge"]],
    )
    limits: KarpenterLimitsSpec = Field(description="The most that the pool may grow to.")
    capacity: Annotated[tuple[Capacity, ...], Field(min_length=1)] = Field(
        default=("onDemand",),
        description="How EC2 sells the nodes. Karpenter takes reserved before spot, and spot before onDemand.",
    )
    reservations: tuple[CapacityReservationId, ...] = Field(
        default=(),
        description="Capacity reservations and Capacity Blocks that reserved nodes start in.",
        examples=[["cr-0a1b2c3d4e5f60718"]],
    )
    zones: Zones = ()
    replicas: int | None = Field(
        default=None,
        ge=1,
        le=5000,
        description="Nodes that are always there, whether pods wait or not (Karpenter's static capacity, an alpha "
        "feature). Only limits.nodes goes with it.",
        examples=[2],
    )
    weight: int | None = Field(
        default=None, ge=1, le=100, description="Pools with more weight are tried first.", examples=[10]
    )
    labels: Labels = Field(default_factory=dict)
    taints: Taints = ()
    kubernetes: NodeKubernetes = None
    ami: Ami = AmiSpec()
    disruption: DisruptionSpec = Field(default=DisruptionSpec(), description="When nodes go, and how many at once.")
    expire_after: DurationOrNever = Field(
        default="720h", description="Age at which a node is replaced, however busy it is."
    )
    termination_grace_period: Duration | None = Field(
        default=None,
        description="Longest time that pods of a node that goes get to end; without it a pod that may not be disrupted "
        "keeps its node for as long as it runs.",
        examples=["1h"],
    )
    disk: Disk = DiskSpec()
    instance_store: InstanceStore = "none"
    kubelet: KubeletSpec | None = Field(
        default=None, description="Settings of the kubelet; where absent Karpenter counts pods by network interfaces."
    )
    sharing: SharingSpec | None = Field(
        default=None, description="How GPUs are shared; whole GPUs where absent. Only with replicas."
    )

    @model_validator(mode="after")
    def static_or_not(self) -> Self:
        """What Karpenter refuses, or does not look at, where the number of nodes is fixed."""
        if self.replicas is None:
            return self
        if self.limits.nodes is None or self.limits.model_fields_set - {"nodes"}:
            raise Refusal(
                "with replicas nodes are limited, and nothing else", path=("limits",), hint="limits: {nodes: …}"
            )
        if self.weight is not None:
            raise Refusal("has no effect with replicas: no pod chooses between pools", path=("weight",))
        if self.disruption.model_fields_set & {"when", "after"}:
            message = "when and after have no effect with replicas: such nodes are never too many"
            raise Refusal(message, path=("disruption",), hint="keep budgets alone")
        return self
