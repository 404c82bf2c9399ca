"""Parts of a managed pool's entry that only EKS managed node groups have."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.alias_generators import to_camel

from bedplate.model.spec import Refusal, Spec
from bedplate.model.types import Form
from components.node_fields import CapacityReservationId

# The same limit in nodes and in per cent.
_LIMITS = (("max_unhealthy_nodes", "max_unhealthy_percent"), ("max_parallel_nodes", "max_parallel_percent"))


class UpdateSpec(Spec):
    """How EKS rolls nodes when image, Kubernetes version or launch template change."""

    max_unavailable: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="Nodes that may be missing at once; 1 where neither this nor maxUnavailablePercent is given.",
        examples=[2],
    )
    max_unavailable_percent: int | None = Field(
        default=None, ge=1, le=100, description="The same as a part of the pool, per cent.", examples=[10]
    )
    strategy: Literal["launchFirst", "terminateFirst"] = Field(
        default="launchFirst",
        description="Whether the new node comes before the old one goes, or after it: for GPUs that are scarce.",
    )
    canary: bool = Field(
        default=False,
        description="Whether this pool is updated before the others with GPUs (or without, if it has none), which wait "
        "until its nodes are there.",
    )

    @model_validator(mode="after")
    def one_measure(self) -> Self:
        """Nodes or per cent."""
        if self.max_unavailable is not None and self.max_unavailable_percent is not None:
            message = "maxUnavailable and maxUnavailablePercent exclude each other"
            raise Refusal(message, path=("maxUnavailablePercent",), hint="keep one of the two")
        return self


class RepairOverrideSpec(Spec):
    """What EKS does about one reason of one condition, in place of what it does by itself."""

    condition: Literal[
        "AcceleratedHardwareReady",
        "ContainerRuntimeReady",
        "KernelReady",
        "NetworkingReady",
        "StorageReady",
    ] = Field(description="Condition that turns false; the add-on eks-node-monitoring-agent sets it.")
    reason: Annotated[str, Form(r"[A-Z][A-Za-z0-9]*", "a reason of a node condition", "NvidiaXID64Error")] = Field(
        description="Reason that the condition gives.", examples=["NvidiaXID64Error"]
    )
    min_wait_minutes: int = Field(
        ge=1, le=1440, description="Minutes that the condition must last before anything is done.", examples=[5]
    )
    action: Literal["replace", "reboot", "none"] = Field(description="What is done then.")


class RepairSpec(Spec):
    """What EKS does about nodes that stay unhealthy."""

    enabled: bool = Field(default=True, description="Whether unhealthy nodes are repaired at all.")
    max_unhealthy_nodes: int | None = Field(
        default=None,
        ge=1,
        le=450,
        description="With more unhealthy nodes than this, nothing is repaired: something else is wrong. EKS's own rule "
        "(20 per cent, from 6 nodes on) where neither this nor maxUnhealthyPercent is given.",
        examples=[2],
    )
    max_unhealthy_percent: int | None = Field(
        default=None, ge=1, le=100, description="The same as a part of the pool, per cent.", examples=[20]
    )
    max_parallel_nodes: int | None = Field(
        default=None,
        ge=1,
        le=450,
        description="Nodes that are repaired at once; EKS's own rule where absent.",
        examples=[1],
    )
    max_parallel_percent: int | None = Field(
        default=None, ge=1, le=100, description="The same as a part of the pool, per cent.", examples=[10]
    )
    overrides: tuple[RepairOverrideSpec, ...] = Field(
        default=(), description="Other actions or waits for single reasons than EKS's own."
    )

    @model_validator(mode="after")
    def consistent(self) -> Self:
        """One measure for each limit, one override for each reason, and nothing said about repair that is off."""
        for nodes, percent in _LIMITS:
            if getattr(self, nodes) is not None and getattr(self, percent) is not None:
                message = f"{to_camel(nodes)} and {to_camel(percent)} exclude each other"
                raise Refusal(message, path=(to_camel(percent),), hint="keep one of the two")
        if not self.enabled and self.model_fields_set - {"enabled"}:
            said = ", ".join(sorted(to_camel(name) for name in self.model_fields_set - {"enabled"}))
            raise Refusal(f"{said}: without effect while enabled is false", path=("enabled",))
        seen: set[tuple[str, str]] = set()
        for index, override in enumerate(self.overrides):
            if (override.condition, override.reason) in seen:
                message = f"{override.reason} of {override.condition} is overridden twice"
                raise Refusal(message, path=("overrides", index, "reason"))
            seen.add((override.condition, override.reason))
        return self


class WarmPoolSpec(Spec):
    """Nodes beyond the desired ones that have booted already and wait, so that scaling out takes less time."""

    min: int = Field(default=0, ge=0, le=450, description="Fewest nodes that wait.")
    max_prepared: int | None = Field(
        default=None,
        ge=1,
        le=450,
        description="Most nodes in use and waiting together; size.max where absent.",
        examples=[4],
    )
    state: Literal["stopped", "running", "hibernated"] = Field(
        default="stopped",
        description="How they wait: stopped costs their disks only, running as much as nodes in use, hibernated the "
        "disks, which hold their memory as well.",
    )
    reuse_on_scale_in: bool = Field(
        default=False, description="Whether nodes that are no longer needed go back to wait, in place of being ended."
    )


class ReservationSpec(Spec):
    """Capacity that was bought or reserved before: a Capacity Block, or an On-Demand Capacity Reservation."""

    id: CapacityReservationId = Field(description="Its id.", examples=["cr-0a1b2c3d4e5f60718"])
    zone: str = Field(
        description="Availability zone that it is in; the pool's nodes start there and nowhere else.",
        examples=["us-east-1a"],
    )


class EfaSpec(Spec):
    """Elastic Fabric Adapters: traffic between GPUs of several nodes that goes past the operating system."""

    interfaces: Annotated[int, Field(ge=1, le=32)] | Literal["max"] = Field(
        description="How many each node gets; max: as many as the instance type has.", examples=["max"]
    )
