"""The network section: a VPC of its own with its ways in and out, or one that exists."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from bedplate.model.spec import Refusal, Spec
from bedplate.model.types import Ipv4Network, LogRetentionDays, SubnetId, VpcId

Connectivity = Literal["connected", "private"]
"""Whether there is a way to the internet. Airgapped platforms stand on no network of ours."""

NatMode = Literal["none", "single", "perZone"]

_LARGEST_VPC, _SMALLEST_VPC = 16, 28  # Amazon VPC User Guide, "VPC CIDR blocks"
# This network, the machine itself, the link, groups, and what is kept for later (RFC 6890, RFC 1112).
_NO_HOSTS = tuple(IPv4Network(text) for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"))


def _vpc_range(value: str) -> str:
    """`value`, where AWS allows a VPC such a range."""
    network = IPv4Network(value)
    if not _LARGEST_VPC <= network.prefixlen <= _SMALLEST_VPC:
        raise Refusal(f"{value} is no range of a VPC: AWS allows /{_LARGEST_VPC} to /{_SMALLEST_VPC}")
    if any(network.overlaps(other) for other in _NO_HOSTS):
        raise Refusal(f"{value} holds addresses that no machine can have", hint="for example 10.40.0.0/16")
    return value


VpcRange = Annotated[Ipv4Network, AfterValidator(_vpc_range)]


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


class ExistingSubnetSpec(Spec):
    """A private subnet that somebody else keeps."""

    zone: str = Field(description="Availability zone that it lies in.", examples=["us-east-1a"])
    id: SubnetId = Field(description="Id of the subnet.", examples=["subnet-0a1b2c3d4e5f60718"])
    cidr: Ipv4Network = Field(
        description="IPv4 range of the subnet, by which it is checked that nodes and pods fit.",
        examples=["10.20.0.0/19"],
    )


class ExistingNetworkSpec(Spec):
    """A VPC that somebody else keeps. Nothing is looked up: what is written here is taken for true."""

    vpc_id: VpcId = Field(description="Id of the VPC.", examples=["vpc-0a1b2c3d4e5f60718"])
    cidr: VpcRange = Field(
        description="IPv4 range of the VPC that the subnets lie in. Endpoints admit it, and the cluster's Services "
        "stay clear of it.",
        examples=["10.20.0.0/16"],
    )
    private_subnets: Annotated[tuple[ExistingSubnetSpec, ...], Field(min_length=2)] = Field(
        description="One private subnet for each zone of cloud.zones: for nodes, pods and the control plane."
    )
    endpoints: Literal["provided", "made"] = Field(
        default="provided",
        description="Who makes the interface endpoints that a private platform needs: the VPC's owner, or Bedplate.",
    )


class NetworkSpec(Spec):
    """A VPC of its own, or one that exists. Nodes and the control plane's interfaces stand in private subnets."""

    cidr: VpcRange | None = Field(
        default=None,
        description="IPv4 range of a VPC of its own, /16 to /22. Each zone gets an equal private part and a small "
        "public one. Required unless existing is given.",
        examples=["10.40.0.0/16"],
    )
    existing: ExistingNetworkSpec | None = Field(default=None, description="A VPC that is there, instead of cidr.")
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

    @model_validator(mode="after")
    def one_vpc(self) -> Self:
        """A VPC of its own or one that exists; what makes up a VPC is its owner's business."""
        if (self.cidr is None) == (self.existing is None):
            raise Refusal("cidr or existing is required, and not both", hint="for example cidr: 10.40.0.0/16")
        if self.existing is not None:
            for key, value in (("nat", self.nat), ("publicSubnets", self.public_subnets)):
                if value is not None:
                    raise Refusal("is for its owner to decide in a VPC that exists", path=(key,), hint=f"remove {key}")
        return self

    @property
    def vpc_range(self) -> str:
        """IPv4 range of the VPC, whoever keeps it."""
        return self.existing.cidr if self.existing is not None else self.cidr or ""

    def nat_mode(self, connectivity: Connectivity) -> NatMode:
        """NAT gateways as written, else what `connectivity` needs."""
        return self.nat or ("single" if connectivity == "connected" else "none")

    def has_public_subnets(self, connectivity: Connectivity) -> bool:
        """Whether there are public subnets: as written, else where `connectivity` needs them."""
        return connectivity == "connected" if self.public_subnets is None else self.public_subnets
