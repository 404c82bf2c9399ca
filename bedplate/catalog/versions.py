"""Rows about versions: what is supported how long, which fit together, and how one leads to the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bedplate.catalog.fields import Minor, Positive, Row, Text
from bedplate.catalog.support import Support
from bedplate.model.spec import FrozenMap, Spec
from bedplate.model.types import DottedVersion, SemVer

UpgradeKind = Literal["safe", "manual", "blocked"]

# Fields of a baseline that are no version of a part.
_NO_PARTS = frozenset({"name", "released", "images", "charts", "source", "as_of"})


class KubernetesVersion(Row):
    """A Kubernetes minor that EKS offers or offered, with the days on which its support ends."""

    version: Minor
    eks_release: date
    standard_support_ends: date
    extended_support_ends: date

    def support(self, on: date) -> Support:
        """Standard support includes its last day; extended support, which costs more, begins on the day after."""
        if on <= self.standard_support_ends:
            return Support("standard", self.standard_support_ends, (self.standard_support_ends - on).days)
        if on <= self.extended_support_ends:
            return Support("extended", self.extended_support_ends, (self.extended_support_ends - on).days)
        return Support("ended", self.extended_support_ends)


class AmiSupport(Row):
    """Until when EKS (or the publisher of the system) brings new images of an AMI family."""

    family: Text
    ends: date
    last_kubernetes: Minor | None = None

    def support(self, on: date) -> Support:
        """There is one phase only."""
        return Support("standard", self.ends, (self.ends - on).days) if on <= self.ends else Support("ended", self.ends)


class ChartReference(Spec):
    """A Helm chart: `repository` with its scheme and the chart's name, and the version as its publisher writes it."""

    repository: Annotated[str, Field(pattern=r"^(oci|https)://[^\s:]+/[^\s:]+$")]
    version: Annotated[str, Field(pattern=r"^v?[0-9]+\.[0-9]+\.[0-9]+$")]


class Baseline(Row):
    """A set of versions that fit together. `images` are by role, without digests; `charts` by add-on name.

    `released` orders the sets: the day whose newest fitting versions the set takes. The image of the device plugin
    carries GPU feature discovery too. `gpu_driver` is what the GPU Operator installs on nodes that carry no driver;
    its image lacks the system in its tag.
    """

    name: Text
    released: date
    kubernetes: Minor
    ami_release: Text
    kserve: SemVer
    gateway_api: SemVer
    envoy_gateway: SemVer
    cert_manager: SemVer
    device_plugin: SemVer
    dcgm_exporter: Text
    dra_driver: SemVer
    mig_manager: SemVer
    gpu_operator: SemVer
    gpu_driver: DottedVersion
    node_feature_discovery: SemVer
    efa_device_plugin: SemVer
    karpenter: SemVer
    keda: SemVer
    kueue: SemVer
    leader_worker_set: SemVer
    external_secrets: SemVer
    prometheus_stack: SemVer
    argo_cd: SemVer
    flux: SemVer
    vllm: SemVer
    images: FrozenMap[str, Text]
    charts: FrozenMap[str, ChartReference]

    def parts(self) -> Mapping[str, str]:
        """Version of every part, by its name as files write it ("amiRelease")."""
        fields = type(self).model_fields
        return {str(fields[name].alias): getattr(self, name) for name in fields if name not in _NO_PARTS}


class Upgrade(Row):
    """What it takes to move a part of a baseline from one version to the next. A move without a row is unknown.

    `irreversible` moves cannot be taken back by choosing the old version again; `reversible_days` limits how long that
    is possible, None: no limit is known.
    """

    part: Text
    from_version: Annotated[Text, Field(alias="from")]
    to_version: Annotated[Text, Field(alias="to")]
    kind: UpgradeKind
    reason: Text
    irreversible: bool = False
    reversible_days: Positive | None = None

    @model_validator(mode="after")
    def days_only_for_what_can_go_back(self) -> Self:
        """A limit in days says that the move can be taken back."""
        if self.irreversible and self.reversible_days is not None:
            raise ValueError("reversibleDays is only for moves that are not irreversible")
        return self
