"""The network section: one VPC with a public and a private subnet per zone."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bedplate.model.spec import Spec
from bedplate.model.types import Ipv4Network


class NetworkSpec(Spec):
    """A VPC of its own. Nodes and the control plane's interfaces stand in private subnets."""

    cidr: Ipv4Network = Field(
        description="IPv4 range of the VPC, /16 to /20. Each zone gets an equal private part and a small public one.",
        examples=["10.40.0.0/16"],
    )
    nat: Literal["single", "perZone"] = Field(
        default="single",
        description="NAT gateways for private subnets: one for all zones, or one in each zone. "
        "One is cheaper; one per zone survives the loss of a zone and saves cross-zone traffic.",
    )
