"""The serving section: one gateway and one runtime for all models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bedplate.model.spec import Spec
from bedplate.model.types import DnsLabel, DnsSubdomain

ENVOY_GATEWAY = "gateway.envoyproxy.io/gatewayclass-controller"


class GatewaySpec(Spec):
    """The one way in, through Gateway API."""

    class_name: DnsLabel = Field(
        description="Name of the GatewayClass that is made for the gateway.", examples=["envoy-gateway"]
    )
    controller: str = Field(
        default=ENVOY_GATEWAY,
        pattern=r"^[a-z0-9.-]+/[A-Za-z0-9/._~%!$&'()*+,;=:-]+$",
        description="Controller that the GatewayClass is for; the default is Envoy Gateway's.",
        examples=[ENVOY_GATEWAY],
    )
    namespace: DnsLabel = Field(default="serving-gateway", description="Namespace of the Gateway.")
    host: DnsSubdomain = Field(
        description="DNS name of the gateway; models are paths below it (/<team>/<model>/).",
        examples=["models.dev.example.org"],
    )


class ServingSpec(Spec):
    """KServe in Standard mode with its own ingress creation off: routes have one writer, Bedplate."""

    runtime: Literal["vllm"] = Field(default="vllm", description="Serving runtime offered to models.")
    gateway: GatewaySpec = Field(description="Entry point for callers outside the cluster.")
