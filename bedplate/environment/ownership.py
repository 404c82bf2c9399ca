"""The ownership section: who answers, whom to call next, who decides about which path, and who answers for each part.

What AWS answers for is read from "Security in Amazon EKS" (Amazon EKS user guide) and "Best practices for reliability"
(Amazon EKS best practices guide), read 2026-11: the Kubernetes control plane with its etcd. Nodes that EKS manages are
patched when the customer says so, and images, identities, data and cost are the customer's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from bedplate.environment.stacks import Layer
from bedplate.model.spec import Refusal, Spec
from bedplate.model.types import Approver, DnsLabel, EmailAddress, PersonAddress

Party: TypeAlias = Literal["provider", "platformTeam", "modelTeams", "siteOperator"]
"""Who may answer for a part: the cloud provider, the environment's owner, each team for its own, who runs the place."""

Part: TypeAlias = Literal[
    "account",
    "controlPlane",
    "cost",
    "data",
    "gpuDriver",
    "identity",
    "images",
    "incidents",
    "models",
    "network",
    "nodes",
    "platform",
]

Area: TypeAlias = Literal["cluster", "platform", "models", "waivers"]
"""A path of decisions: the layers bootstrap and cluster, platform, models; and exceptions from policies."""


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What a part covers, the layer that makes it, and who may answer for it."""

    covers: str
    layer: Layer
    parties: tuple[Party, ...] = ("platformTeam", "siteOperator")


PARTS: Mapping[Part, PartFacts] = {
    "account": PartFacts("the AWS account: its limits, its bill and its root user", "cluster", ("platformTeam",)),
    "controlPlane": PartFacts(
        "API server, etcd and controllers of the cluster", "cluster", ("provider", "platformTeam", "siteOperator")
    ),
    "cost": PartFacts("the budget, and what is done when it is exceeded", "platform", ("platformTeam", "modelTeams")),
    "data": PartFacts(
        "weights, training data and logs: who may read them, and for how long they are kept",
        "cluster",
        ("platformTeam", "modelTeams", "siteOperator"),
    ),
    "gpuDriver": PartFacts("the driver of the GPUs and its CUDA version", "cluster"),
    "identity": PartFacts("who gets into the account and the cluster, and with which rights", "cluster"),
    "images": PartFacts("container images and charts: where they come from, and that they are patched", "platform"),
    "incidents": PartFacts(
        "the first answer when something breaks", "platform", ("platformTeam", "modelTeams", "siteOperator")
    ),
    "models": PartFacts("what models answer, their licences and their service levels", "models", ("modelTeams",)),
    "network": PartFacts("addresses, routes, firewalls and names", "cluster"),
    "nodes": PartFacts("machines, their operating system and its patches", "cluster"),
    "platform": PartFacts("add-ons, gateway, guardrails and quotas", "platform"),
}
"""Every part that somebody has to answer for."""


class EscalationSpec(Spec):
    """Whom to call when nobody answered before."""

    after_minutes: int = Field(
        ge=1, le=10_080, description="Minutes after which this contact is called.", examples=[30]
    )
    contact: EmailAddress = Field(description="Address that is called.", examples=["oncall-lead@example.org"])


class DecisionRightsSpec(Spec):
    """Who must approve a change, by the path that it touches. Plans and comments name them; CODEOWNERS is made of them.

    Approvers are written as CODEOWNERS wants them: @user, @organisation/team or an e-mail address.
    """

    cluster: tuple[Approver, ...] = Field(
        default=(),
        description="Who approves changes of the layers bootstrap and cluster, and of whatever decides for all layers.",
        examples=[["@example/platform"]],
    )
    platform: tuple[Approver, ...] = Field(
        default=(), description="Who approves changes of the layer platform.", examples=[["@example/platform"]]
    )
    models: tuple[Approver, ...] = Field(
        default=(),
        description="Who approves model services of teams that name no owners, and model releases.",
        examples=[["@example/ml-platform"]],
    )
    waivers: tuple[PersonAddress, ...] = Field(
        default=(),
        description="Persons who may accept a finding or lower a policy's level. Where any is named, a waiver of "
        "another approver does not hold.",
        examples=[["grace@example.org"]],
    )


class ResponsibilitySpec(Spec):
    """Who answers for one part."""

    name: Part = Field(description="The part; docs/reference/responsibilities.md says what each covers.")
    party: Party = Field(
        description="Who answers: the cloud provider, the environment's owner (platformTeam), each team for its own "
        "(modelTeams), or who runs the place (siteOperator)."
    )
    group: DnsLabel | None = Field(
        default=None,
        description="The group, where it is another than the party's own; a siteOperator has none of its own.",
        examples=["plant-it"],
    )
    contact: EmailAddress | None = Field(
        default=None,
        description="Its address; ownership.contact where absent and the party is platformTeam.",
        examples=["plant-it@example.org"],
    )

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        allowed = PARTS[self.name].parties
        if self.party not in allowed:
            raise Refusal(f"{self.party} cannot answer for {self.name}", path=("party",), allowed=allowed)
        if self.party in ("provider", "modelTeams") and (self.group or self.contact):
            key = "group" if self.group else "contact"
            hint = f"remove {key}: the cloud says who its provider is, and each team who owns it"
            raise Refusal(f"{self.party} is no group of its own", path=(key,), hint=hint)
        return self


class OwnershipSpec(Spec):
    """Who answers for the environment."""

    owner: DnsLabel = Field(description="Owning group; becomes the tag bedplate:owner.", examples=["platform-team"])
    contact: EmailAddress = Field(
        description="Address for questions and alerts; becomes the tag bedplate:contact.",
        examples=["platform@example.org"],
    )
    escalation: tuple[EscalationSpec, ...] = Field(default=(), description="Whom to call next, the earliest first.")
    decision_rights: DecisionRightsSpec = Field(
        default=DecisionRightsSpec(), description="Who must approve which change."
    )
    responsibilities: Annotated[tuple[ResponsibilitySpec, ...], Field(max_length=len(PARTS))] = Field(
        default=(), description="Who answers for each part; a part that nobody answers for is a finding."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for index, (first, second) in enumerate(zip(self.escalation, self.escalation[1:], strict=False)):
            if second.after_minutes <= first.after_minutes:
                message = f"{second.after_minutes} minutes come after {first.after_minutes}"
                path = ("escalation", index + 1, "afterMinutes")
                raise Refusal(message, path=path, hint="list them by time, the earliest first")
        return self
