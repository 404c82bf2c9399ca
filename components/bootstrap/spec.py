"""The bootstrap section: what has to be there before anything else, and who may change what afterwards."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import Refusal, Spec
from bedplate.model.types import DnsLabel, Form, IamRoleArn
from bedplate.units.subject import has_wildcard, unbounded

Issuer = Annotated[
    str,
    Form(
        r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/[A-Za-z0-9._~-]+)*",
        "the URL of an OIDC issuer: https, a host, and no port, query or slash at the end",
        "https://token.actions.githubusercontent.com",
        longest=255,
    ),
]
"""Issuer of tokens, as its tokens name it (the claim ``iss``)."""

IamPolicyArn = Annotated[
    str,
    Form(
        r"arn:aws(?:-[a-z]+)*:iam::[0-9]{12}:policy/(?:[!-~]{1,510}/)?[\w+=,.@-]{1,128}",
        "the ARN of an IAM policy of an account",
        "arn:aws:iam::111122223333:policy/workload-boundary",
    ),
]
"""ARN of a customer-managed IAM policy, with its path."""

Subject = Annotated[str, Field(min_length=1, max_length=255)]


class SubjectPatternSpec(Spec):
    """Many subjects at once, and why they cannot be listed."""

    pattern: Subject = Field(
        description="Subject with one * at its end, behind the beginning of a name.",
        examples=["repo:example/platform:ref:refs/heads/release/*"],
    )
    reason: str = Field(
        min_length=10, description="Why the subjects cannot be listed.", examples=["release branches come and go"]
    )

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not has_wildcard(self.pattern):
            raise Refusal(
                f"{self.pattern!r} has no wildcard", path=("pattern",), hint="write it under subjects, without a reason"
            )
        if why := unbounded(self.pattern):
            hint = "for example repo:example/platform:ref:refs/heads/release/*"
            raise Refusal(f"{self.pattern!r} reaches too far: {why}", path=("pattern",), hint=hint)
        return self


class TrustSpec(Spec):
    """Runs of the CI system that may take a role."""

    subjects: tuple[Subject, ...] = Field(
        default=(),
        description="Subjects of tokens (claim sub), in full. GitHub: repo:OWNER/NAME:environment:NAME, with @ID "
        "behind owner and name where the repository has immutable subjects. GitLab: "
        "project_path:GROUP/NAME:ref_type:branch:ref:NAME.",
        examples=[["repo:example/platform:environment:prod"]],
    )
    patterns: tuple[SubjectPatternSpec, ...] = Field(default=(), description="Subjects that cannot be listed.")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        for index, subject in enumerate(self.subjects):
            if has_wildcard(subject):
                hint = "list the subjects, or give a pattern with its reason under patterns"
                raise Refusal(f"{subject!r} has a wildcard", path=("subjects", index), hint=hint)
        if not (self.subjects or self.patterns):
            raise Refusal("names neither subjects nor patterns: nobody could take the role", hint="leave the duty out")
        return self


class ApplySpec(Spec):
    """Who may apply which layer."""

    bootstrap: TrustSpec | None = Field(
        default=None,
        description="Who may apply the bootstrap layer. It writes the rights of all layers, its own included: whoever "
        "may apply it can become administrator of the account.",
    )
    cluster: TrustSpec | None = Field(default=None, description="Who may apply the cluster layer.")
    platform: TrustSpec | None = Field(default=None, description="Who may apply the platform layer.")
    models: TrustSpec | None = Field(default=None, description="Who may apply the models layer.")


class CiSpec(Spec):
    """A CI system whose runs take roles with OIDC tokens instead of keys."""

    name: DnsLabel = Field(description="Name of this entry.", examples=["github"])
    issuer: Issuer = Field(
        description="Issuer of the tokens. AWS checks its certificate by itself, without a thumbprint.",
        examples=["https://token.actions.githubusercontent.com"],
    )
    audience: str = Field(
        default="sts.amazonaws.com",
        min_length=1,
        max_length=255,
        description="Audience that the tokens are made for (claim aud).",
        examples=["sts.amazonaws.com"],
    )
    existing: bool = Field(
        default=False,
        description="Whether the account trusts this issuer already. AWS knows each issuer once per account, so of two "
        "environments in one account only one can make it.",
    )
    plan: TrustSpec | None = Field(default=None, description="Who may read what a plan needs, and change nothing.")
    apply: ApplySpec = Field(default=ApplySpec(), description="Who may apply, by layer.")

    def trusts(self) -> dict[str, TrustSpec]:
        """Who has which duty: plan, or the layer that is applied."""
        duties = {"plan": self.plan, **{layer: getattr(self.apply, layer) for layer in ApplySpec.model_fields}}
        return {duty: trust for duty, trust in duties.items() if trust is not None}


class ObjectLockSpec(Spec):
    """Versions of the state that nobody can delete for a time."""

    mode: Literal["governance", "compliance"] = Field(
        description="governance: whoever has s3:BypassGovernanceRetention still can. compliance: nobody can, not even "
        "the account's root user, and the bucket cannot be emptied before the last version is old enough."
    )
    days: int = Field(ge=1, le=3650, description="Days that each version is locked from its writing.", examples=[30])


class StateBucketSpec(Spec):
    """The bucket that state.backend names, and the KMS key that state.secretsProvider names: bootstrap makes both."""

    old_versions_days: int = Field(
        default=365,
        ge=1,
        le=3650,
        description="Days after which overwritten or deleted versions of the state are gone for good.",
        examples=[365],
    )
    object_lock: ObjectLockSpec | None = Field(
        default=None,
        description="S3 Object Lock. It can only be chosen when the bucket is made; every update of a stack keeps "
        "several versions for the whole time.",
    )
    key_recovery_days: int = Field(
        default=30,
        ge=7,
        le=30,
        description="Days in which a deleted key, and with it every state, can be brought back.",
        examples=[30],
    )


class BootstrapSpec(Spec):
    """State, and one role per layer with no more rights than the layer needs."""

    state_bucket: StateBucketSpec | None = Field(
        default=None, description="Bucket and key of the state; absent where somebody else keeps them."
    )
    operators: Annotated[tuple[IamRoleArn, ...], Field(min_length=1)] = Field(
        description="Roles of people who may use the state's key and take the layers' roles, so that the environment "
        "can be applied while the CI system is down.",
        examples=[["arn:aws:iam::111122223333:role/platform-admins"]],
    )
    permissions_boundary: IamPolicyArn | None = Field(
        default=None,
        description="The company's own permissions boundary for the roles that layers make; bootstrap makes one per "
        "layer where absent.",
        examples=["arn:aws:iam::111122223333:policy/workload-boundary"],
    )
    ci: tuple[CiSpec, ...] = Field(default=(), description="CI systems that plan and apply.")
