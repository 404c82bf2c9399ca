"""The rows of the catalogue: one class per data file. Their fields are explained at the top of the files.

Sizes carry their unit in the name (MiB = 2^20 bytes, GB = 10^9). Absent facts are None or empty, never zero.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bedplate.catalog.fields import Positive, Row, Text
from bedplate.model.spec import FrozenMap
from bedplate.model.types import DottedVersion, Sha256Digest

Standing = Literal["confirmed", "publisher", "corroborated", "single"]
PriceUnit = Literal["hour", "month", "gb-month", "gb"]
WriterName = Literal[
    "argocd",
    "cert-manager",
    "device-plugin",
    "dra-driver",
    "eks",
    "eks-node-monitoring-agent",
    "envoy-gateway",
    "flux",
    "gpu-feature-discovery",
    "gpu-operator",
    "hpa",
    "karpenter",
    "keda",
    "kserve",
    "kube-controller-manager",
    "kubelet",
    "mig-manager",
    "pulumi",
    "scheduler",
]


class EksAddon(Row):
    """An add-on that EKS installs. `policies` are of AWS; `configuration` is what every cluster of ours sets."""

    name: Text
    owner: Literal["aws", "community"]
    required: bool = False
    before_nodes: bool = False
    namespace: Text | None = None
    service_accounts: tuple[Text, ...] = ()
    policies: tuple[Text, ...] = ()
    own_policies: bool = False
    needs: tuple[Text, ...] = ()
    configuration: FrozenMap[str, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def rights_have_an_owner(self) -> Self:
        """Rights go to service accounts in a known namespace."""
        if (self.policies or self.own_policies) and not (self.service_accounts and self.namespace):
            raise ValueError("policies need serviceAccounts and a namespace")
        return self


class PublishedDigest(Row):
    """A digest that public sources give for an image or chart; `standing` says how well they agree."""

    reference: Annotated[str, Field(pattern=r"^[^\s@]+:[A-Za-z0-9_][A-Za-z0-9_.-]*$")]
    digest: Sha256Digest
    standing: Standing


class ModelArchitecture(Row):
    """The shape of a model's network, from which memory is computed."""

    name: Text
    layers: Positive
    attention_heads: Positive
    kv_heads: Positive
    head_dim: Positive
    hidden_size: Positive
    max_positions: Positive
    parameters: Positive


class Price(Row):
    """A list price: `amount` of `currency` (ISO 4217) per `unit` of `item` in `region`."""

    item: Text
    unit: PriceUnit
    amount: Annotated[Decimal, Field(gt=0)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    region: Text


class Runtime(Row):
    """A serving runtime, with what the memory proof needs to know of it."""

    name: Text
    image_role: Text
    cuda_minimum: DottedVersion
    driver_minimum: DottedVersion
    port: Annotated[int, Field(ge=1, le=65535)]
    metrics_path: Annotated[str, Field(pattern="^/")]
    gpu_memory_utilization: Annotated[float, Field(gt=0, le=1)]
    overhead_gib: Annotated[float, Field(gt=0)]
    weights_factor: Annotated[float, Field(ge=1)]
    ttft_bounds_seconds: tuple[Annotated[float, Field(gt=0)], ...]


class ReplacementRule(Row):
    """How objects of one resource type take a change of their inputs; see `bedplate.graph.replacement`."""

    type: Text
    paths: tuple[Text, ...]
    removed: tuple[Text, ...] = ()
    name: str = ""
    versions: tuple[Text, ...] = ()
    identity: tuple[Text, ...] = ()
    tagged: bool = False
    stateful: bool = False


class VpcEndpointService(Row):
    """A service of AWS that a VPC can reach through an interface endpoint, and who needs it (`needed_by`, `reason`)."""

    service: Text
    needed_by: tuple[Text, ...] = ()
    reason: str = ""

    @model_validator(mode="after")
    def need_has_a_reason(self) -> Self:
        """Whoever needs it does so for a reason, and the other way round."""
        if bool(self.needed_by) != bool(self.reason):
            raise ValueError("neededBy and reason come together")
        return self


class EksRegistry(Row):
    """Where nodes of one region pull images that EKS publishes from: a registry of Amazon ECR in that region."""

    region: Text
    registry: Text

    @model_validator(mode="after")
    def stands_in_its_region(self) -> Self:
        """The name of a registry of ECR says its region."""
        if f".dkr.ecr.{self.region}.amazonaws.com" not in self.registry:
            raise ValueError(f"{self.registry} is not a registry of {self.region}")
        return self


class OneWay(Row):
    """A change that cannot be taken back, or is never made: of `path`, from `before` to `after` (None: any value)."""

    type: Text
    path: Text
    before: Text | None = None
    after: Text | None = None
    says: Text

    def key(self) -> tuple[str, ...]:
        """What tells it from the others."""
        return (self.type, self.path, self.before or "", self.after or "")


class Writer(Row):
    """Who writes a field (`path`, or "*") of objects of a kind; `made_by` is empty for registered objects."""

    kind: Text
    made_by: str = ""
    path: Text
    writer: WriterName
    reason: Text
