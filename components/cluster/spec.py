"""The cluster section: an EKS control plane."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bedplate.model.spec import Spec
from bedplate.model.types import DnsLabel, IamRoleArn, Ipv4Network

ControlPlaneLog = Literal["api", "audit", "authenticator", "controllerManager", "scheduler"]

# What CloudWatch Logs accepts (PutRetentionPolicy).
RetentionDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922]


class EndpointSpec(Spec):
    """Where the API server can be reached from. The private endpoint inside the VPC is always on."""

    public: bool = Field(default=False, description="Whether the API server also has an address on the internet.")
    public_cidrs: tuple[Ipv4Network, ...] = Field(
        default=(),
        description="IPv4 ranges that may reach the public address. Required where it is on.",
        examples=[["203.0.113.0/24"]],
    )


class AccessSpec(Spec):
    """Rights of one IAM role over the whole cluster, as an EKS access entry."""

    name: DnsLabel = Field(description="Name of this entry.", examples=["platform-admins"])
    principal: IamRoleArn = Field(
        description="IAM role that people or pipelines assume.",
        examples=["arn:aws:iam::111122223333:role/platform-admins"],
    )
    policy: Literal["clusterAdmin", "admin", "edit", "view"] = Field(
        description="EKS access policy that the role gets, cluster-wide."
    )


class ClusterSpec(Spec):
    """An EKS cluster. The Kubernetes version comes from the environment's baseline."""

    kind: Literal["eks"] = Field(description="How the cluster comes about: eks makes one.")
    support: Literal["standard", "extended"] = Field(
        default="standard",
        description="What happens when standard support of the Kubernetes version ends: standard upgrades the control "
        "plane by itself, extended stays and costs six times as much per hour.",
    )
    endpoint: EndpointSpec = Field(default=EndpointSpec(), description="Reach of the API server.")
    logs: tuple[ControlPlaneLog, ...] = Field(
        default=("api", "audit", "authenticator"),
        description="Control-plane logs that go to CloudWatch.",
        examples=[["api", "audit", "authenticator"]],
    )
    log_retention_days: RetentionDays = Field(default=90, description="Days that control-plane logs are kept.")
    access: Annotated[tuple[AccessSpec, ...], Field(min_length=1)] = Field(
        description="Who gets into the cluster; its creator gets nothing by itself.",
    )
    deletion_protection: bool = Field(
        default=False, description="Whether EKS refuses to delete the cluster until this is turned off."
    )
