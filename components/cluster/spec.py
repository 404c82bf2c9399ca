"""The cluster section: an EKS control plane that is made, one that exists, or any other cluster that exists."""

from __future__ import annotations

import base64
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from bedplate.model.spec import Refusal, Spec
from bedplate.model.types import DnsLabel, Form, HttpsUrl, Ipv4Network, KubernetesMinor, LogRetentionDays, Words
from components.cluster.access_spec import AccessSpec, OidcSpec
from components.cluster.control_plane_spec import (
    ApiServerSpec,
    ControlPlaneLog,
    ControlPlaneTier,
    EncryptionSpec,
    EndpointSpec,
    PodsSpec,
    SchedulerSpec,
)

EksClusterName = Annotated[
    str, Form(r"[0-9A-Za-z][0-9A-Za-z_-]*", "letters, digits, - and _, first a letter or digit", "models", longest=100)
]
SecurityGroupId = Annotated[str, Form(r"sg-[0-9a-f]{8,17}", "the id of a security group", "sg-0a1b2c3d4e5f60718")]


def _certificate(value: str) -> str:
    try:
        text = base64.b64decode(value, validate=True)
    except ValueError:
        text = b""
    if not text.startswith(b"-----BEGIN CERTIFICATE-----"):
        raise Refusal("is no PEM certificate in base64", hint="copy cluster.certificateAuthority.data as EKS shows it")
    return value


CertificateData = Annotated[str, AfterValidator(_certificate)]


class ClusterSpec(Spec):
    """An EKS cluster. The Kubernetes version comes from the environment's baseline."""

    kind: Literal["eks"] = Field(description="How the cluster comes about: eks makes one.")
    support: Literal["standard", "extended"] = Field(
        default="standard",
        description="What happens when standard support of the Kubernetes version ends: standard upgrades the control "
        "plane by itself, extended stays and costs six times as much per hour.",
    )
    deletion_protection: bool = Field(
        default=False, description="Whether EKS refuses to delete the cluster until this is turned off."
    )
    zonal_shift: bool = Field(
        default=False,
        description="Whether AWS may move traffic inside the cluster away from an impaired zone (ARC zonal shift). The "
        "remaining zones need room for it.",
    )
    control_plane_tier: ControlPlaneTier = Field(
        default="standard",
        description="Capacity of the control plane: standard grows and shrinks by itself, the others are held ready at "
        "a price per hour. Back to standard only while etcd holds less than 8 GB.",
    )
    endpoint: EndpointSpec = Field(default=EndpointSpec(), description="Reach of the API server.")
    egress: Literal["awsManaged", "customerRouted"] = Field(
        default="awsManaged",
        description="Which way the API server takes to webhooks and identity providers: AWS's, or the VPC's routes and "
        "DNS (customerRouted), from which there is no way back.",
    )
    service_cidr: Ipv4Network | None = Field(
        default=None,
        description="Range of Services, /12 to /24 of a private range and outside of the VPC; one of EKS's two where "
        "absent. It can never be changed.",
        examples=["172.20.0.0/16"],
    )
    encryption: EncryptionSpec = Field(default=EncryptionSpec(), description="Key that encrypts Secrets in etcd.")
    logs: tuple[ControlPlaneLog, ...] = Field(
        default=("api", "audit", "authenticator"),
        description="Control-plane logs that go to CloudWatch.",
        examples=[["api", "audit", "authenticator"]],
    )
    log_retention_days: LogRetentionDays = Field(default=90, description="Days that control-plane logs are kept.")
    scheduler: SchedulerSpec = Field(
        default_factory=SchedulerSpec, description="Choice among nodes with room for a pod."
    )
    api_server: ApiServerSpec = Field(default=ApiServerSpec(), description="Settings of the API server.")
    hpa_sync_seconds: Annotated[int, Field(ge=10, le=15)] = Field(
        default=15,
        description="Seconds between two looks of the horizontal pod autoscaler at each of its objects, 10 to 15. Less "
        "than 15 needs a controlPlaneTier above standard.",
    )
    pods: PodsSpec = Field(default=PodsSpec(), description="Addresses of pods.")
    access: Annotated[tuple[AccessSpec, ...], Field(min_length=1)] = Field(
        description="Who gets into the cluster; its creator gets nothing by itself.",
    )
    oidc: OidcSpec | None = Field(default=None, description="Identity provider whose tokens are taken beside IAM's.")


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
    certificate_authority: CertificateData = Field(
        description="Certificate authority of its API server, as EKS shows it: PEM in base64. It is no secret.",
        examples=["LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="],
    )
    security_group: SecurityGroupId = Field(
        description="Its cluster security group (clusterSecurityGroupId), which nodes and control plane share.",
        examples=["sg-0a1b2c3d4e5f60718"],
    )
    service_cidr: Ipv4Network = Field(
        description="Range of its Services, outside of the VPC.", examples=["172.20.0.0/16"]
    )
    pods: PodsSpec = Field(default=PodsSpec(), description="What its VPC CNI does, or shall do, for pods.")
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
    context: Annotated[Words, Field(max_length=253)] | None = Field(
        default=None,
        description="Context of the kubeconfig that reaches it. The kubeconfig is the one that KUBECONFIG names where "
        "bedplate runs. A site states its own.",
        examples=["factory-a"],
    )


AnyClusterSpec: TypeAlias = Annotated[
    ClusterSpec | EksExistingClusterSpec | ExistingClusterSpec, Field(discriminator="kind")
]
