"""Sections of the environment file that belong to no single component."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bedplate.environment.forms import Amount, BackendUrl, Day, SecretsProvider
from bedplate.environment.regions import Region
from bedplate.model.spec import FrozenJson, FrozenMap, Spec
from bedplate.model.types import (
    AwsAccountId,
    AwsRegion,
    DnsLabel,
    DnsSubdomain,
    EmailAddress,
    Form,
    IamPolicyArn,
    ImageRepository,
    SemVer,
    Words,
)

PolicyId = Annotated[
    str, Form(r"[a-z][a-z0-9-]*/[a-z][a-z0-9-]*", "a policy id written group/name", "workloads/images-pinned")
]


class FleetSpec(Spec):
    """Environments that are upgraded one ring after the other."""

    name: DnsLabel = Field(
        description="Name of the fleet; environments with the same one belong together.", examples=["main"]
    )
    ring: int = Field(
        ge=0,
        le=99,
        description="Place in the order: an upgrade starts here when every environment of lower rings has arrived.",
        examples=[1],
    )


class BaselineOverrideSpec(Spec):
    """One version that differs from the baseline's. What was tested together is then no longer together."""

    part: str = Field(
        description="Part of the baseline, as the catalogue names it: a version (kubernetes, devicePlugin, vllm …), "
        "one image (images.<role>) or one chart (charts.<name>).",
        examples=["vllm"],
    )
    value: str = Field(
        description="Its version, quoted; of images.<role> the whole reference. Images and charts that carry a part's "
        "version go with it.",
        examples=["0.31.1"],
    )
    reason: Words = Field(
        min_length=10, description="Why the baseline's own will not do.", examples=["mends a fault in tool calls"]
    )


class StateSpec(Spec):
    """Where Pulumi keeps what it knows about this environment."""

    backend: BackendUrl = Field(
        description="URL of the Pulumi backend. PULUMI_BACKEND_URL overrides it.",
        examples=["s3://example-pulumi-state?region=us-east-1"],
    )
    secrets_provider: SecretsProvider = Field(
        description="What encrypts secrets in the state.",
        examples=["awskms://alias/pulumi?region=us-east-1"],
    )


class AwsCloudSpec(Spec):
    """The AWS account and place. Credentials of another account are refused."""

    provider: Literal["aws"] = Field(description="Cloud provider: aws has an account in which things are made.")
    account: AwsAccountId = Field(description="Twelve-digit account id, quoted.", examples=["111122223333"])
    region: AwsRegion = Field(description="AWS region.", examples=["us-east-1"])
    zones: Annotated[tuple[str, ...], Field(min_length=2, max_length=6)] = Field(
        description="Availability zones; EKS needs two or more. Order matters: subnets are numbered by it.",
        examples=[["us-east-1a", "us-east-1b"]],
    )


class NoCloudSpec(Spec):
    """No cloud: machines of one's own, and a cluster that is there."""

    provider: Literal["none"] = Field(description="Cloud provider: none makes nothing outside the cluster.")


AnyCloudSpec = Annotated[AwsCloudSpec | NoCloudSpec, Field(discriminator="provider")]

Connectivity = Literal["connected", "private", "airgapped"]


class SiteSpec(Spec):
    """What one place that runs an environment's definition says of itself. It decides nothing that is reviewed once
    for all places: which versions, which models, which rights.
    """

    site: DnsLabel = Field(description="Name of the site; the file's name. No layer is called so.", examples=["hall-a"])
    description: Words = Field(
        min_length=1, description="One sentence for reviewers.", examples=["Plant north, hall A"]
    )
    region: Region | None = Field(
        default=None,
        description="Region that the site stands in, as residency names it. With cloud.provider none its data and logs "
        "live there.",
        examples=["de"],
    )
    context: Words | None = Field(
        default=None,
        description="Context of the kubeconfig that reaches this site's cluster. The kubeconfig is the one that "
        "KUBECONFIG names where bedplate runs.",
        examples=["hall-a"],
    )
    backend: BackendUrl | None = Field(
        default=None,
        description="URL of the Pulumi backend at this site, where sites reach no common one.",
        examples=["s3://bedplate-state?endpoint=https://objects.hall-a.example.org&s3ForcePathStyle=true"],
    )
    registry: ImageRepository | None = Field(
        default=None,
        description="Registry that mirrors every image at this site; images are pulled as <registry>/<upstream name>.",
        examples=["registry.hall-a.example.org/mirror"],
    )
    nodes: FrozenMap[DnsLabel, tuple[DnsSubdomain, ...]] = Field(
        default_factory=dict,
        description="Names of this site's nodes, by inventory pool.",
        examples=[{"h100": ["gpu-01", "gpu-02"]}],
    )
    host: DnsSubdomain | None = Field(
        default=None,
        description="DNS name of the models' gateway at this site.",
        examples=["models.hall-a.example.org"],
    )


class EksAddonSpec(Spec):
    """An add-on that EKS installs and keeps."""

    name: DnsLabel = Field(description="Name of the add-on, as EKS lists it.", examples=["coredns"])
    source: Literal["eks"] = Field(description="Installed by EKS.")
    version: str | None = Field(
        default=None,
        pattern=r"^v\d+\.\d+\.\d+-eksbuild\.\d+$",
        description="Version of the add-on; EKS's default for the Kubernetes version where absent.",
        examples=["v1.12.4-eksbuild.1"],
    )
    configuration: FrozenJson = Field(
        default_factory=dict,
        description="Settings by the add-on's own schema (`aws eks describe-addon-configuration`), laid over those "
        "that Bedplate sets.",
        examples=[{"replicaCount": 3}],
    )
    policies: tuple[IamPolicyArn, ...] = Field(
        default=(),
        description="IAM policies for the add-on's pods, in place of those that AWS recommends.",
        examples=[["arn:aws:iam::111122223333:policy/read-weights"]],
    )


class ChartAddonSpec(Spec):
    """A Helm chart that `bedplate lock` expands into vendor/ once; plan and apply read the expanded objects."""

    name: DnsLabel = Field(description="Name of the release.", examples=["kserve"])
    source: Literal["chart"] = Field(description="Expanded by bedplate lock.")
    chart: Annotated[str, Field(pattern=r"^(oci|https)://[^\s:]+/[^\s:]+$")] | None = Field(
        default=None,
        description="Chart reference without version; the baseline's chart of this name where absent.",
        examples=["oci://ghcr.io/kserve/charts/kserve-resources"],
    )
    version: Annotated[str, Field(pattern=r"^v?\d+\.\d+\.\d+$")] | None = Field(
        default=None,
        description="Version of the chart, as its publisher writes it; the baseline's where absent.",
        examples=["v0.20.0"],
    )
    namespace: DnsLabel = Field(description="Namespace that it is installed into.", examples=["kserve"])
    values: FrozenMap[str, str | int | bool] = Field(
        default_factory=dict,
        description="Values by dotted path, as helm --set writes them.",
        examples=[{"kserve.controller.deploymentMode": "Standard"}],
    )


class ProvidedAddonSpec(Spec):
    """Something that the cluster already has."""

    name: DnsLabel = Field(description="Name of the add-on.", examples=["cert-manager"])
    source: Literal["provided"] = Field(description="Installed by somebody else.")
    version: SemVer = Field(description="Version that is there.", examples=["1.21.2"])


AddonSpec = Annotated[EksAddonSpec | ChartAddonSpec | ProvidedAddonSpec, Field(discriminator="source")]


class CostSpec(Spec):
    """Money: the budget that a plan is held against."""

    currency: Literal["USD"] = Field(default="USD", description="Currency of prices and budgets.")
    monthly_budget: Amount = Field(
        description="Most that a month of 730 hours may cost, as text. A plan above it exits with 5.",
        examples=["2500.00"],
    )


class LevelSpec(Spec):
    """Another level for one policy, with the reason why."""

    policy: PolicyId = Field(description="Id of the policy.", examples=["workloads/images-pinned"])
    level: Literal["mandatory", "advisory", "off"] = Field(description="Level in this environment.")
    reason: Words = Field(
        min_length=10, description="Why this environment differs.", examples=["no release has a digest yet"]
    )


class WaiverSpec(Spec):
    """A finding that is accepted for one object until a date, by another person than the one who asks."""

    policy: PolicyId = Field(description="Id of the policy.", examples=["workloads/images-pinned"])
    target: Words = Field(
        min_length=1,
        description="Exactly one object, written as findings show it: <Kind> <namespace>/<name> in the cluster.",
        examples=["Deployment research/chat-predictor"],
    )
    reason: Words = Field(
        min_length=10, description="Why it is accepted.", examples=["vendor image, fixed in the next release"]
    )
    owner: EmailAddress = Field(description="Who asks for it.", examples=["ada@example.org"])
    approver: EmailAddress = Field(description="Who accepts it; another person.", examples=["grace@example.org"])
    expires: Day = Field(description="Last day on which it holds.", examples=["2026-12-31"])


class PoliciesSpec(Spec):
    """Deviations from the levels that policies carry themselves."""

    levels: tuple[LevelSpec, ...] = Field(default=(), description="Other levels.")
    waivers: tuple[WaiverSpec, ...] = Field(default=(), description="Accepted findings.")
