"""The network component: a VPC, its subnets, and the ways in and out of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.base import NetworkHandle, Place, PlatformComponent
from components.network.plan import ZoneSubnets, subnet_plan
from components.network.spec import NetworkSpec

ANYWHERE = "0.0.0.0/0"

NatMode = Literal["single", "perZone"]

# Tags by which load balancers find their subnets (EKS User Guide, "Network requirements").
_PRIVATE_ROLE = {"kubernetes.io/role/internal-elb": "1"}
_PUBLIC_ROLE = {"kubernetes.io/role/elb": "1"}


class Network(PlatformComponent):
    """A VPC with one private and one public subnet per zone; see `subnet_plan` for their sizes.

    Nodes, pods and the control plane's interfaces stand in private subnets. Each zone has a private route table of its
    own, so that another NAT mode changes routes and nothing else. Traffic to S3 goes through a gateway endpoint, which
    costs nothing and bypasses the NAT gateway. Public subnets hold NAT gateways and load balancers; nothing there gets
    a public address by itself. The VPC's default security group is emptied, so that forgetting to name one opens
    nothing (CIS AWS Foundations, "default security group restricts all traffic").
    """

    handle: NetworkHandle

    def __init__(
        self,
        name: str,
        spec: NetworkSpec,
        *,
        zones: tuple[str, ...],
        region: str,
        cluster_name: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`zones` in the environment's order, which numbers the subnets; `cluster_name` shows in the console's names.

        Raises ValueError where the zones do not fit into the range.
        """
        super().__init__(name, Place(layer="cluster", entry="network"), opts)
        self._label = name
        self._title = cluster_name
        plan = subnet_plan(spec.cidr, zones)

        self._vpc = self._create_vpc(spec.cidr)
        self._empty_default_security_group()
        gateway = self._create_internet_gateway()
        public = self._create_subnets("public", plan, _PUBLIC_ROLE)
        public_routing = self._route_public_subnets(public, gateway)
        nats = self._create_nat_gateways(spec.nat, public, public_routing)
        private = self._create_subnets("private", plan, _PRIVATE_ROLE)
        tables = {zone: self._create_route_table("private", zone) for zone in private}
        private_routing = self._route_private_subnets(private, tables, nats)
        endpoint = self._create_s3_endpoint(region, tables)

        self.handle = NetworkHandle(
            vpc_id=self._vpc.id,
            cidr=spec.cidr,
            private_subnet_ids=tuple(subnet.id for subnet in private.values()),
            public_subnet_ids=tuple(subnet.id for subnet in public.values()),
            ready=(*public_routing, *private_routing, endpoint),
        )
        self.register_outputs({})

    def _named(self, *parts: str) -> dict[str, str]:
        """The tag that the console shows as a name."""
        return {"Name": "-".join((self._title, *parts))}

    def _create_vpc(self, cidr: str) -> aws.ec2.Vpc:
        return aws.ec2.Vpc(
            f"{self._label}-vpc",
            aws.ec2.VpcArgs(
                cidr_block=cidr,
                # Both are needed for the private API endpoint's name to resolve inside the VPC.
                enable_dns_support=True,
                enable_dns_hostnames=True,
                tags=self._named(),
            ),
            opts=self.child(),
        )

    def _empty_default_security_group(self) -> None:
        aws.ec2.DefaultSecurityGroup(
            f"{self._label}-default",
            aws.ec2.DefaultSecurityGroupArgs(
                vpc_id=self._vpc.id, ingress=[], egress=[], tags=self._named("default", "closed")
            ),
            opts=self.child(),
        )

    def _create_internet_gateway(self) -> aws.ec2.InternetGateway:
        return aws.ec2.InternetGateway(
            f"{self._label}-internet",
            aws.ec2.InternetGatewayArgs(vpc_id=self._vpc.id, tags=self._named("internet")),
            opts=self.child(),
        )

    def _create_subnets(
        self, kind: str, plan: tuple[ZoneSubnets, ...], role: Mapping[str, str]
    ) -> dict[str, aws.ec2.Subnet]:
        """One subnet of `kind` per zone, by zone."""
        return {
            part.zone: aws.ec2.Subnet(
                f"{self._label}-{kind}-{part.zone}",
                aws.ec2.SubnetArgs(
                    vpc_id=self._vpc.id,
                    availability_zone=part.zone,
                    cidr_block=part.public if kind == "public" else part.private,
                    map_public_ip_on_launch=False,
                    tags={**self._named(kind, part.zone), **role},
                ),
                opts=self.child(),
            )
            for part in plan
        }

    def _create_route_table(self, *parts: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            "-".join((self._label, *parts)),
            aws.ec2.RouteTableArgs(vpc_id=self._vpc.id, tags=self._named(*parts)),
            opts=self.child(),
        )

    def _associate(self, label: str, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable) -> pulumi.Resource:
        return aws.ec2.RouteTableAssociation(
            f"{self._label}-{label}",
            aws.ec2.RouteTableAssociationArgs(subnet_id=subnet.id, route_table_id=table.id),
            opts=self.child(),
        )

    def _route_public_subnets(
        self, subnets: Mapping[str, aws.ec2.Subnet], gateway: aws.ec2.InternetGateway
    ) -> tuple[pulumi.Resource, ...]:
        table = self._create_route_table("public")
        route = aws.ec2.Route(
            f"{self._label}-public",
            aws.ec2.RouteArgs(route_table_id=table.id, destination_cidr_block=ANYWHERE, gateway_id=gateway.id),
            opts=self.child(),
        )
        return (route, *(self._associate(f"public-{zone}", subnet, table) for zone, subnet in subnets.items()))

    def _create_nat_gateways(
        self, mode: NatMode, subnets: Mapping[str, aws.ec2.Subnet], routing: tuple[pulumi.Resource, ...]
    ) -> dict[str, aws.ec2.NatGateway]:
        """NAT gateways by zone. They work in a subnet that reaches the internet, hence they wait for `routing`."""
        gateways: dict[str, aws.ec2.NatGateway] = {}
        for zone in _nat_zones(mode, tuple(subnets)):
            label = f"{self._label}-nat-{zone}"
            tags = self._named("nat", zone)
            address = aws.ec2.Eip(label, aws.ec2.EipArgs(domain="vpc", tags=tags), opts=self.child())
            gateways[zone] = aws.ec2.NatGateway(
                label,
                aws.ec2.NatGatewayArgs(
                    subnet_id=subnets[zone].id,
                    allocation_id=address.id,
                    connectivity_type="public",
                    tags=tags,
                ),
                opts=self.child(depends_on=routing),
            )
        return gateways

    def _route_private_subnets(
        self,
        subnets: Mapping[str, aws.ec2.Subnet],
        tables: Mapping[str, aws.ec2.RouteTable],
        nats: Mapping[str, aws.ec2.NatGateway],
    ) -> tuple[pulumi.Resource, ...]:
        """Each zone's subnet with its route table; out through its own NAT gateway, or the one that all share."""
        routing = [self._associate(f"private-{zone}", subnet, tables[zone]) for zone, subnet in subnets.items()]
        shared = next(iter(nats.values()))
        routing += [self._route_to_nat(zone, table, nats.get(zone, shared)) for zone, table in tables.items()]
        return tuple(routing)

    def _route_to_nat(self, zone: str, table: aws.ec2.RouteTable, nat: aws.ec2.NatGateway) -> pulumi.Resource:
        return aws.ec2.Route(
            f"{self._label}-private-{zone}",
            aws.ec2.RouteArgs(route_table_id=table.id, destination_cidr_block=ANYWHERE, nat_gateway_id=nat.id),
            opts=self.child(),
        )

    def _create_s3_endpoint(self, region: str, tables: Mapping[str, aws.ec2.RouteTable]) -> pulumi.Resource:
        return aws.ec2.VpcEndpoint(
            f"{self._label}-s3",
            aws.ec2.VpcEndpointArgs(
                vpc_id=self._vpc.id,
                vpc_endpoint_type="Gateway",
                service_name=f"com.amazonaws.{region}.s3",
                route_table_ids=[table.id for table in tables.values()],
                tags=self._named("s3"),
            ),
            opts=self.child(),
        )


def _nat_zones(mode: NatMode, zones: tuple[str, ...]) -> tuple[str, ...]:
    """Zones that get a NAT gateway."""
    return zones if mode == "perZone" else zones[:1]
