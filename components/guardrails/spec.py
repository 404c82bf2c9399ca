"""The guardrails section: what holds in every team namespace, whoever writes to it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bedplate.model.spec import Spec
from bedplate.model.types import DnsLabel, ImagePrefix, Ipv4Network


class FlowSpec(Spec):
    """A named way out of team namespaces, beyond DNS and the flows that serving needs."""

    name: DnsLabel = Field(description="Name of the flow; part of the NetworkPolicy's name.", examples=["model-hub"])
    cidr: Ipv4Network = Field(description="Destination range.", examples=["0.0.0.0/0"])
    except_cidrs: tuple[Ipv4Network, ...] = Field(
        default=(), description="Parts of the range that stay closed.", examples=[["10.0.0.0/8"]]
    )
    ports: Annotated[tuple[Annotated[int, Field(ge=1, le=65535)], ...], Field(min_length=1)] = Field(
        description="TCP ports.", examples=[[443]]
    )


class GuardrailsSpec(Spec):
    """Pod Security, default-deny networking, and admission of images."""

    pod_security: Literal["baseline", "restricted"] = Field(
        default="restricted", description="Pod Security level enforced in team namespaces."
    )
    registries: Annotated[tuple[ImagePrefix, ...], Field(min_length=1)] = Field(
        description="Image prefixes that pods of team namespaces may use, enforced at admission. "
        "A prefix ends at a slash.",
        examples=[["docker.io/vllm/"]],
    )
    egress: tuple[FlowSpec, ...] = Field(default=(), description="Named ways out; everything else is denied.")
