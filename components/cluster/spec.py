"""The cluster section: an EKS control plane that is made, one that exists, or any other cluster that exists."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from bedplate.model.spec import Spec
from bedplate.model.types import DnsLabel, Form, IamRoleArn, Ipv4Network, LogRetentionDays

ControlPlaneLog = Literal["api", "audit", "authenticator", "controllerManager", "scheduler"]

KubernetesMinor = Annotated[str, Form(r"1\.[0-9]{2}", "a minor version of Kubernetes, quoted", '"1.35"')]
EksClusterName = Annotated[
    str, Form(r"[0-9A-Za-z][0-9A-Za-z_-]*", "letters, digits, - and _, first a letter or digit", "models", longest=100)
]
SecurityGroupId = Annotated[str, Form(r"sg-[0-9a-f]{8,17}", "the id of a security group", "sg-0a1b2c3d4e5f60718")]
HttpsUrl = Annotated[
    str, Form(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[!-~]*)?", "an https URL", "https://example.org")
]
Base64Text = Annotated[
    str, Form(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", "text in base64", "LS0tLS1CRUdJTg==")
]


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
    log_retention_days: LogRetentionDays = Field(default=90, description="Days that control-plane logs are kept.")
    access: Annotated[tuple[AccessSpec, ...], Field(min_length=1)] = Field(
        description="Who gets into the cluster; its creator gets nothing by itself.",
    )
    deletion_protection: bool = Field(
        default=False, description="Whether EKS refuses to delete the cluster until this is turned off."
    )


class EksExistingClusterSpec(Spec):
    """An EKS cluster that somebody else made and keeps. Our node pools and the platform go onto it.

    Nothing is asked of AWS while planning: what is stated here must be what `aws eks describe-cluster` shows.
    """

    kind: Literal["eksExisting"] = Field(description="How the cluster comes about: eksExisting uses one of EKS's.")
    name: EksClusterName = Field(description="Name of the cluster in EKS.", examples=["ml-platform"])
    version: KubernetesMinor = Field(
        description="Kubernetes version that it runs; the baseline's, since nothing else is tested.", examples=["1.35"]
    )
    endpoint: HttpsUrl = Field(
        description="Address of its API server.",
        examples=["https://0123456789ABCDEF0123456789ABCDEF.gr7.us-east-1.eks.amazonaws.com"],
    )
    certificate_authority: Base64Text = Field(
        description="Certificate authority of its API server, as EKS shows it: PEM in base64. It is no secret.",
        examples=["LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="],
    )
    security_group: SecurityGroupId = Field(
        description="Its cluster security group (clusterSecurityGroupId), which nodes and control plane share.",
        examples=["sg-0a1b2c3d4e5f60718"],
    )
    service_cidr: Ipv4Network = Field(description="Range of its Services.", examples=["172.20.0.0/16"])
    access: tuple[AccessSpec, ...] = Field(
        default=(), description="Access entries to add. The cluster must accept them (authentication mode API)."
    )


class ExistingClusterSpec(Spec):
    """A cluster of any distribution that somebody else made and keeps. Only Kubernetes objects go onto it."""

    kind: Literal["existing"] = Field(description="How the cluster comes about: existing uses one of any kind.")
    name: DnsLabel = Field(
        description="What the platform calls the cluster. Another name is another cluster: all its objects are new.",
        examples=["factory"],
    )
    version: KubernetesMinor = Field(
        description="Kubernetes version that it runs; the baseline's, since nothing else is tested.", examples=["1.35"]
    )
    context: Annotated[str, Field(min_length=1, max_length=253)] | None = Field(
        default=None,
        description="Context of the kubeconfig that reaches it. The kubeconfig is the one that KUBECONFIG names where "
        "bedplate runs. A site states its own.",
        examples=["factory-a"],
    )


AnyClusterSpec: TypeAlias = Annotated[
    ClusterSpec | EksExistingClusterSpec | ExistingClusterSpec, Field(discriminator="kind")
]
