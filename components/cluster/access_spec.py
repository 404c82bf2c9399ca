"""Who gets into a cluster: groups of the identity provider, through IAM roles or straight from its tokens."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import FrozenMap, Refusal, Spec
from bedplate.model.types import DnsLabel, Form, GroupName, HttpsUrl, IamRoleArn

DirectoryGroup = Annotated[
    str,
    Form(
        r"[\w.:/=+@-]+(?: [\w.:/=+@-]+)*",
        "a group name: words of letters, digits and _ . : / = + - @, as AWS takes them in a tag",
        "GPU platform administrators",
        longest=256,
    ),
]
ClaimName = Annotated[str, Form(r"[A-Za-z][\w:./-]*", "the name of a claim", "groups", longest=63)]
ClaimPrefix = Annotated[
    str,
    Form(
        r"(?!system:)[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?:",
        "a prefix that ends with a colon and is not one of Kubernetes' own (system:)",
        '"oidc:"',
        longest=63,
    ),
]


class AccessSpec(Spec):
    """Rights of one group of the identity provider, through the IAM role that its members assume."""

    name: DnsLabel = Field(description="Name of this entry.", examples=["platform-admins"])
    group: DirectoryGroup | None = Field(
        default=None,
        description="What the identity provider calls the group; becomes the tag bedplate:group. Absent for a role "
        "that only pipelines assume.",
        examples=["GPU platform administrators"],
    )
    principal: IamRoleArn = Field(
        description="IAM role that the group's members, or pipelines, assume. IAM users are refused.",
        examples=["arn:aws:iam::111122223333:role/platform-admins"],
    )
    policy: Literal["clusterAdmin", "admin", "adminView", "edit", "view"] | None = Field(
        default=None,
        description="EKS access policy that the role gets. Without one its rights are those of kubernetesGroups.",
        examples=["view"],
    )
    namespaces: tuple[DnsLabel, ...] = Field(
        default=(),
        description="Namespaces of teams that the policy is limited to; the whole cluster where absent.",
        examples=[["research"]],
    )
    kubernetes_groups: tuple[GroupName, ...] = Field(
        default=(),
        description="Kubernetes groups that the role's bearers belong to, as members of teams name them.",
        examples=[["research-scientists"]],
    )

    @model_validator(mode="after")
    def gives_rights(self) -> Self:
        """An entry gives a policy, groups, or both; only a policy can be limited to namespaces."""
        if self.policy is None and not self.kubernetes_groups:
            raise Refusal("gives no rights", hint="give it a policy, kubernetesGroups, or both")
        if self.policy is None and self.namespaces:
            message = "limit a policy, and there is none: what kubernetesGroups may do is said by their role bindings"
            raise Refusal(message, path=("namespaces",))
        return self


class OidcSpec(Spec):
    """An OpenID Connect provider whose tokens the API server takes, beside IAM. EKS allows one.

    Users and groups of a token get `prefix`, so that none can call itself something that the cluster trusts.
    """

    name: DnsLabel = Field(description="Name of this provider in EKS.", examples=["corporate"])
    issuer: HttpsUrl = Field(
        description="URL of the issuer, as its tokens state it. The control plane must reach it.",
        examples=["https://login.example.org"],
    )
    client_id: Annotated[str, Field(min_length=1, max_length=255)] = Field(
        description="Audience that tokens must be made for.", examples=["bedplate"]
    )
    username_claim: ClaimName = Field(default="sub", description="Claim that holds the user's name.")
    groups_claim: ClaimName = Field(default="groups", description="Claim that holds the user's groups.")
    prefix: ClaimPrefix = Field(
        default="oidc:",
        description="Written before every user and group of a token: the group research becomes oidc:research.",
    )
    required_claims: FrozenMap[ClaimName, Annotated[str, Field(min_length=1, max_length=253)]] = Field(
        default_factory=dict,
        description="Claims that a token must have, with their values.",
        examples=[{"department": "ml"}],
    )
