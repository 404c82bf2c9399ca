"""Graphs of networks for tests: one call, with the fields of the section."""

from typing import Any

from bedplate.graph.graph import Graph
from components.base import NetworkHandle
from components.network.component import Network
from components.network.spec import Connectivity, NetworkSpec
from tests.support.aws_program import ACCOUNT, REGION, ZONES, record_on_aws

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NAT = "aws:ec2/natGateway:NatGateway"
EIP = "aws:ec2/eip:Eip"
INTERNET = "aws:ec2/internetGateway:InternetGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"


def network_graph(
    *,
    zones: tuple[str, ...] = ZONES,
    cluster_name: str = "dev",
    connectivity: Connectivity = "connected",
    interface_endpoints: tuple[str, ...] = (),
    handles: list[NetworkHandle] | None = None,
    **fields: Any,
) -> Graph:
    """The Graph of a network with `fields` in its section; its handle goes to `handles`."""
    spec = NetworkSpec.model_validate(fields if "existing" in fields else {"cidr": "10.40.0.0/16", **fields})

    def build(opts: Any) -> None:
        network = Network(
            "network",
            spec,
            zones=zones,
            region=REGION,
            account=ACCOUNT,
            cluster_name=cluster_name,
            connectivity=connectivity,
            interface_endpoints=interface_endpoints,
            opts=opts,
        )
        if handles is not None:
            handles.append(network.handle)

    return record_on_aws(build)
