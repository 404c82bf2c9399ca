"""The gpuBaseline section: what every GPU node runs, and the driver it must have."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from bedplate.model.spec import Refusal, Spec
from bedplate.model.types import DnsLabel, DottedVersion
from components.gpu_baseline.metrics import FIELDS

DEFAULT_METRICS = (
    "DCGM_FI_DEV_FB_FREE",
    "DCGM_FI_DEV_FB_USED",
    "DCGM_FI_DEV_GPU_TEMP",
    "DCGM_FI_DEV_GPU_UTIL",
    "DCGM_FI_DEV_POWER_USAGE",
    "DCGM_FI_DEV_XID_ERRORS",
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
)


def _known(field: str) -> str:
    if field not in FIELDS:
        raise Refusal(f"'{field}' is not a DCGM field that Bedplate knows", allowed=tuple(FIELDS))
    return field


class GpuBaselineSpec(Spec):
    """Device plugin, GPU metrics and the driver contract. Versions come from the environment's baseline."""

    namespace: DnsLabel = Field(
        default="gpu-system", description="Namespace of the GPU agents; Pod Security level privileged."
    )
    driver_minimum: DottedVersion = Field(
        description="Oldest NVIDIA driver that is accepted; every GPU pool's AMI must carry this or newer.",
        examples=["580"],
    )
    metrics: Annotated[tuple[Annotated[str, AfterValidator(_known)], ...], Field(min_length=1)] = Field(
        default=DEFAULT_METRICS,
        description="DCGM fields that dcgm-exporter publishes (memory in MiB, power in W, temperature in °C).",
        examples=[["DCGM_FI_DEV_FB_USED", "DCGM_FI_PROF_GR_ENGINE_ACTIVE"]],
    )
    metrics_interval_seconds: int = Field(
        default=15, ge=1, le=300, description="Seconds between two readings of the GPU.", examples=[15]
    )
