"""One entry of teams: a namespace with rights, a quota and a budget."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bedplate.model.spec import FrozenMap, Spec
from bedplate.model.types import Approver, DnsLabel, DnsSubdomain, GroupName, MigProfileName, Quantity, Words


class QuotaSpec(Spec):
    """Upper bounds of the whole namespace. GPUs count in what the pool offers: shares where GPUs are time-sliced."""

    gpus: int = Field(ge=0, description="Sum of nvidia.com/gpu that pods may request.", examples=[4])
    mig: FrozenMap[MigProfileName, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict,
        description="Sum of MIG instances that pods may request, by profile, where pools offer them so; none of "
        "those that are not named.",
        examples=[{"1g.10gb": 4}],
    )
    devices: FrozenMap[DnsSubdomain, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict,
        description="Devices that claims may ask for, by device class, where pods of some pool claim their GPUs; none "
        "of the classes that are not named.",
        examples=[{"gpu.nvidia.com": 2}],
    )
    cpu: Quantity = Field(description="Sum of CPU requests.", examples=["16"])
    memory: Quantity = Field(description="Sum of memory requests.", examples=["64Gi"])
    pods: int = Field(default=50, ge=1, description="Number of pods.", examples=[50])


class MemberSpec(Spec):
    """Rights of one identity-provider group in the team's namespace."""

    group: GroupName = Field(description="Group as the cluster sees it.", examples=["research-scientists"])
    role: Literal["view", "edit", "admin"] = Field(description="Kubernetes' built-in role of that name.")


class TeamSpec(Spec):
    """A team and its namespace."""

    name: DnsLabel = Field(description="Name of the team.", examples=["research"])
    namespace: DnsLabel = Field(description="Namespace that belongs to the team alone.", examples=["research"])
    cost_centre: Words = Field(
        min_length=1, max_length=63, description="Where its share of the cost is booked.", examples=["cc-4711"]
    )
    owners: tuple[Approver, ...] = Field(
        default=(),
        description="Who answers for the team and its models, and approves changes of its file, as CODEOWNERS writes "
        "them; becomes the annotation bedplate.dev/owners of the namespace.",
        examples=[["@example/research"]],
    )
    quota: QuotaSpec = Field(description="What the team may use at most.")
    members: tuple[MemberSpec, ...] = Field(default=(), description="Who works in the namespace.")
