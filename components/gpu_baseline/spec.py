"""The gpuBaseline section: what every GPU node runs, and the driver it must have."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bedplate.model.spec import Refusal, Spec
from bedplate.model.types import DnsLabel, DottedVersion, Form
from components.gpu_baseline.gates import GateName
from components.gpu_baseline.metrics import FIELD_SETS, FIELDS

_HOST = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
HttpAddress = Annotated[
    str,
    Form(rf"https?://{_HOST}(?::[0-9]+)?", "an address with http:// or https://", "http://prometheus.monitoring:9090"),
]


def _known(name: str) -> str:
    if name not in FIELDS and name not in FIELD_SETS:
        message = f"'{name}' is neither a set of DCGM fields nor a field that Bedplate knows"
        raise Refusal(message, allowed=(*FIELD_SETS, *FIELDS))
    return name


class HealthSpec(Spec):
    """What must hold between two steps of an upgrade, so that a bad step goes no further."""

    gates: Annotated[tuple[GateName, ...], Field(min_length=1)] = Field(
        default=("nodesReady", "agentsReady", "minimumGpus"),
        description="Gates that must all be open: nodesReady, acceleratorsReady, agentsReady, minimumGpus, "
        "nodesAsDeclared and driversInstalled are told by the API server, dcgmHealthy and noXid by Prometheus.",
    )
    minimum_gpus: int | None = Field(
        default=None,
        ge=0,
        description="GPUs that ready nodes must offer at any time, in what the nodes offer (shares and MIG instances "
        "count each); what the fewest nodes of all pools offer where absent.",
        examples=[8],
    )
    settle_minutes: int = Field(
        default=5, ge=0, le=120, description="Minutes for which every gate must stay open before the next step."
    )
    prometheus: HttpAddress | None = Field(
        default=None,
        description="Prometheus that collects the GPU metrics; gates that it tells need it.",
        examples=["http://prometheus.monitoring:9090"],
    )


class GpuBaselineSpec(Spec):
    """Device plugin, GPU metrics and the driver contract. Versions come from the environment's baseline."""

    namespace: DnsLabel = Field(
        default="gpu-system", description="Namespace of the GPU agents; Pod Security level privileged."
    )
    driver_minimum: DottedVersion = Field(
        description="Oldest NVIDIA driver that is accepted; every GPU pool's AMI must carry this or newer.",
        examples=["580"],
    )
    cuda_minimum: DottedVersion | None = Field(
        default=None,
        description="Oldest CUDA whose programs the driver of every GPU pool must run as it is; only the serving "
        "runtime's where absent.",
        examples=["13.0"],
    )
    feature_discovery: Literal["none", "compare"] = Field(
        default="none",
        description="GPU feature discovery. Labels of GPUs are the pools', with none as with compare; compare runs it "
        "beside them, and the gate nodesAsDeclared holds what it finds against the labels.",
    )
    metrics: Annotated[tuple[Annotated[str, AfterValidator(_known)], ...], Field(min_length=1)] = Field(
        default=("default",),
        description="What dcgm-exporter publishes: sets of DCGM fields (default, health, profiling) and single fields "
        "(memory in MiB, power in W, temperature in °C).",
        examples=[["default", "health", "DCGM_FI_PROF_SM_ACTIVE"]],
    )
    metrics_interval_seconds: int = Field(
        default=15, ge=1, le=300, description="Seconds between two readings of the GPU.", examples=[15]
    )
    health: HealthSpec = Field(default=HealthSpec(), description="Health gates of upgrades.")
