"""A VPC of our own: its subnets, its route tables, and its ways to the internet."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.base import PlatformComponent
from components.network.plan import ZoneSubnets
from components.network.spec import NatMode

ANYWHERE = "0.0.0.0/0"

# Tags by which load balancers find their subnets (EKS User Guide, "Network requirements").
_PRIVATE_ROLE = {"kubernetes.io/role/internal-elb": "1"}
_PUBLIC_ROLE = {"kubernetes.io/role/elb": "1"}


class OwnVpc:
    """Makes a VPC as children of `parent`. Subnets and route tables are mappings by zone.

    `ready` is what has to exist before nodes reach anything: routes and associations.
    """

    def __init__(
        self,
        parent: PlatformComponent,
        *,
        title: str,
        cidr: str,
        plan: tuple[ZoneSubnets, ...],
        nat: NatMode,
        public: bool,
    ) -> None:
        """`title` begins every name in the console. NAT gateways stand in public subnets, so `nat` needs `public`."""
        self._parent = parent
        self._label = parent.pulumi_resource_name
        self._title = title

        self.vpc = self._create_vpc(cidr)
        self._empty_default_security_group()
        self.public: dict[str, aws.ec2.Subnet] = {}
        routing: tuple[pulumi.Resource, ...] = ()
        if public:
            gateway = self._create_internet_gateway()
            self.public = self._create_subnets("public", plan, _PUBLIC_ROLE)
            routing = self._route_public_subnets(gateway)
        nats = self._create_nat_gateways(nat, tuple(part.zone for part in plan), routing)
        self.private = self._create_subnets("private", plan, _PRIVATE_ROLE)
        self.private_tables = {zone: self._create_route_table("private", zone) for zone in self.private}
        self.ready = (*routing, *self._route_private_subnets(nats))

    def named(self, *parts: str) -> dict[str, str]:
        """The tag that the console shows as a name."""
        return {"Name": "-".join((self._title, *parts))}

    def _create_vpc(self, cidr: str) -> aws.ec2.Vpc:
        return aws.ec2.Vpc(
            f"{self._label}-vpc",
            aws.ec2.VpcArgs(
                cidr_block=cidr,
                # Both are needed for the private API endpoint's name, and those of interface endpoints, to resolve
                # inside the VPC.
                enable_dns_support=True,
                enable_dns_hostnames=True,
                tags=self.named(),
            ),
            opts=self._parent.child(),
        )

    def _empty_default_security_group(self) -> None:
        aws.ec2.DefaultSecurityGroup(
            f"{self._label}-default",
            aws.ec2.DefaultSecurityGroupArgs(
                vpc_id=self.vpc.id, ingress=[], egress=[], tags=self.named("default", "closed")
            ),
            opts=self._parent.child(),
        )

    def _create_internet_gateway(self) -> aws.ec2.InternetGateway:
        return aws.ec2.InternetGateway(
            f"{self._label}-internet",
            aws.ec2.InternetGatewayArgs(vpc_id=self.vpc.id, tags=self.named("internet")),
            opts=self._parent.child(),
        )

    def _create_subnets(
        self, kind: str, plan: tuple[ZoneSubnets, ...], role: Mapping[str, str]
    ) -> dict[str, aws.ec2.Subnet]:
        """One subnet of `kind` per zone, by zone."""
        return {
            part.zone: aws.ec2.Subnet(
                f"{self._label}-{kind}-{part.zone}",
                aws.ec2.SubnetArgs(
                    vpc_id=self.vpc.id,
                    availability_zone=part.zone,
                    cidr_block=part.public if kind == "public" else part.private,
                    map_public_ip_on_launch=False,
                    tags={**self.named(kind, part.zone), **role},
                ),
                opts=self._parent.child(),
            )
            for part in plan
        }

    def _create_route_table(self, *parts: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            "-".join((self._label, *parts)),
            aws.ec2.RouteTableArgs(vpc_id=self.vpc.id, tags=self.named(*parts)),
            opts=self._parent.child(),
        )

    def _associate(self, label: str, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable) -> pulumi.Resource:
        return aws.ec2.RouteTableAssociation(
            f"{self._label}-{label}",
            aws.ec2.RouteTableAssociationArgs(subnet_id=subnet.id, route_table_id=table.id),
            opts=self._parent.child(),
        )

    def _route_public_subnets(self, gateway: aws.ec2.InternetGateway) -> tuple[pulumi.Resource, ...]:
        table = self._create_route_table("public")
        route = aws.ec2.Route(
            f"{self._label}-public",
            aws.ec2.RouteArgs(route_table_id=table.id, destination_cidr_block=ANYWHERE, gateway_id=gateway.id),
            opts=self._parent.child(),
        )
        return (route, *(self._associate(f"public-{zone}", subnet, table) for zone, subnet in self.public.items()))

    def _create_nat_gateways(
        self, mode: NatMode, zones: tuple[str, ...], routing: tuple[pulumi.Resource, ...]
    ) -> dict[str, aws.ec2.NatGateway]:
        """NAT gateways by zone. They work in a subnet that reaches the internet, hence they wait for `routing`."""
        gateways: dict[str, aws.ec2.NatGateway] = {}
        for zone in nat_zones(mode, zones):
            label = f"{self._label}-nat-{zone}"
            tags = self.named("nat", zone)
            address = aws.ec2.Eip(label, aws.ec2.EipArgs(domain="vpc", tags=tags), opts=self._parent.child())
            gateways[zone] = aws.ec2.NatGateway(
                label,
                aws.ec2.NatGatewayArgs(
                    subnet_id=self.public[zone].id,
                    allocation_id=address.id,
                    connectivity_type="public",
                    tags=tags,
                ),
                opts=self._parent.child(depends_on=routing),
            )
        return gateways

    def _route_private_subnets(self, nats: Mapping[str, aws.ec2.NatGateway]) -> tuple[pulumi.Resource, ...]:
        """Each zone's subnet with its route table; out through its own NAT gateway, the one that all share, or not."""
        routing = [
            self._associate(f"private-{zone}", subnet, self.private_tables[zone])
            for zone, subnet in self.private.items()
        ]
        for shared in tuple(nats.values())[:1]:
            routing += [
                self._route_to_nat(zone, table, nats.get(zone, shared)) for zone, table in self.private_tables.items()
            ]
        return tuple(routing)

    def _route_to_nat(self, zone: str, table: aws.ec2.RouteTable, nat: aws.ec2.NatGateway) -> pulumi.Resource:
        return aws.ec2.Route(
            f"{self._label}-private-{zone}",
            aws.ec2.RouteArgs(route_table_id=table.id, destination_cidr_block=ANYWHERE, nat_gateway_id=nat.id),
            opts=self._parent.child(),
        )


def nat_zones(mode: NatMode, zones: tuple[str, ...]) -> tuple[str, ...]:
    """Zones that get a NAT gateway."""
    return {"none": (), "single": zones[:1], "perZone": zones}[mode]
