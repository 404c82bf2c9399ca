"""The gpuOperator section: how drivers get onto nodes that carry none."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bedplate.model.spec import Spec
from bedplate.model.types import DnsSubdomain


class GpuOperatorSpec(Spec):
    """Settings of NVIDIA's GPU Operator, which installs driver and container toolkit and nothing else: device plugin,
    metrics and everything beside them are gpuBaseline's. Versions come from the environment's baseline.
    """

    modules: Literal["precompiled", "compiled"] = Field(
        default="precompiled",
        description="Kernel modules: precompiled come in the driver's image, which is made for one kernel and named by "
        "its tag alone; compiled are made on each node when the driver starts, from packages of its system.",
    )
    package_sources: DnsSubdomain | None = Field(
        default=None,
        description="ConfigMap of the agents' namespace with the package sources of the nodes' system, for compiled "
        "modules; the public ones where absent.",
        examples=["apt-mirror"],
    )
    nodes_at_once: int = Field(
        default=1,
        ge=1,
        le=100,
        description="Nodes of a pool whose driver is replaced at the same time; pods with GPUs leave them first.",
    )
