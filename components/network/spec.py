"""The network section: a VPC of its own, with its ways in and out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bedplate.model.spec import Spec
from bedplate.model.types import Ipv4Network, LogRetentionDays

Connectivity = Literal["connected", "private"]
"""Whether there is a way to the internet. Airgapped platforms stand on no network of ours."""

NatMode = Literal["none", "single", "perZone"]


class EndpointsSpec(Spec):
    """Ways to AWS services that stay inside the VPC. S3 always has one, which costs nothing."""

    extra: tuple[str, ...] = Field(
        default=(),
        description="Services that get an interface endpoint beside those that the platform itself needs: what stands "
        "after com.amazonaws.<region>. in the endpoint's service name. Each costs by the hour and zone.",
        examples=[["bedrock-runtime"]],
    )


class FlowLogsSpec(Spec):
    """Records of the connections in the VPC, in an encrypted CloudWatch log group."""

    retention_days: LogRetentionDays = Field(default=90, description="Days that records are kept.")
    traffic: Literal["all", "accepted", "rejected"] = Field(
        default="all",
        description="Which connections are recorded: all, or only those that were let through or refused.",
    )
    aggregation_seconds: Literal[60, 600] = Field(
        default=600,
        description="Longest time that packets are gathered into one record, seconds. 60 shows more, in more records, "
        "and CloudWatch charges by volume.",
    )


class NetworkSpec(Spec):
    """A VPC of its own. Nodes and the control plane's interfaces stand in private subnets."""

    cidr: Ipv4Network = Field(
        description="IPv4 range of the VPC, /16 to /22. Each zone gets an equal private part and a small public one.",
        examples=["10.40.0.0/16"],
    )
    reserved: tuple[Ipv4Network, ...] = Field(
        default=(),
        description="Ranges that this VPC must never overlap, because it is or will be joined to them: other sites, "
        "peered VPCs, the company's own network.",
        examples=[["10.0.0.0/12", "192.168.0.0/16"]],
    )
    nat: NatMode | None = Field(
        default=None,
        description="NAT gateways, the way of private subnets to the internet: none, one for all zones, or one in each "
        "zone. One is cheaper; one per zone survives the loss of a zone and saves cross-zone traffic. Where absent: "
        "single where connectivity is connected, none where it is private.",
        examples=["perZone"],
    )
    public_subnets: bool | None = Field(
        default=None,
        description="Whether there are subnets with a route from the internet, for NAT gateways and public load "
        "balancers. Where absent: true where connectivity is connected, false where it is private.",
        examples=[True],
    )
    endpoints: EndpointsSpec = Field(default=EndpointsSpec(), description="Endpoints of AWS services inside the VPC.")
    flow_logs: FlowLogsSpec | None = Field(default=None, description="Flow logs; none are kept where absent.")

    def nat_mode(self, connectivity: Connectivity) -> NatMode:
        """NAT gateways as written, else what `connectivity` needs."""
        return self.nat or ("single" if connectivity == "connected" else "none")

    def has_public_subnets(self, connectivity: Connectivity) -> bool:
        """Whether there are public subnets: as written, else where `connectivity` needs them."""
        return connectivity == "connected" if self.public_subnets is None else self.public_subnets
