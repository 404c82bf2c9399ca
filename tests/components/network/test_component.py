"""The network: one VPC, subnets by the plan, and as many ways out as the spec says."""

import pytest

from bedplate.graph.graph import Graph
from bedplate.graph.values import get
from components.base import NetworkHandle
from components.network.component import Network
from components.network.spec import NetworkSpec
from tests.support.aws_program import REGION, ZONES, named, needs, only, record_on_aws, unknown_paths

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROUTE = "aws:ec2/route:Route"
NAT = "aws:ec2/natGateway:NatGateway"
EIP = "aws:ec2/eip:Eip"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"


def network_graph(
    spec: NetworkSpec | None = None, *, zones: tuple[str, ...] = ZONES, cluster_name: str = "dev"
) -> Graph:
    spec = spec or NetworkSpec(cidr="10.40.0.0/16")
    return record_on_aws(
        lambda opts: Network("network", spec, zones=zones, region=REGION, cluster_name=cluster_name, opts=opts)
    )


def test_the_vpc_has_the_range_of_the_spec_and_resolves_names() -> None:
    vpc = only(network_graph(NetworkSpec(cidr="10.8.0.0/18")), VPC)

    assert vpc.inputs["cidrBlock"] == "10.8.0.0/18"
    assert vpc.inputs["enableDnsSupport"] is True
    assert vpc.inputs["enableDnsHostnames"] is True


def test_every_resource_answers_to_the_network_section() -> None:
    graph = network_graph()

    assert {(resource.layer, resource.entry) for resource in graph.registered if resource.is_aws} == {
        ("cluster", "network")
    }


def test_each_zone_has_a_private_and_a_public_subnet_with_the_role_that_load_balancers_look_for() -> None:
    graph = network_graph()

    found = {
        subnet.name: (subnet.inputs["availabilityZone"], subnet.inputs["cidrBlock"], dict(subnet.inputs["tags"]))
        for subnet in graph.of_type(SUBNET)
    }
    assert found == {
        "network-private-us-east-1a": (
            "us-east-1a",
            "10.40.0.0/19",
            {"Name": "dev-private-us-east-1a", "kubernetes.io/role/internal-elb": "1"},
        ),
        "network-private-us-east-1b": (
            "us-east-1b",
            "10.40.32.0/19",
            {"Name": "dev-private-us-east-1b", "kubernetes.io/role/internal-elb": "1"},
        ),
        "network-public-us-east-1a": (
            "us-east-1a",
            "10.40.224.0/22",
            {"Name": "dev-public-us-east-1a", "kubernetes.io/role/elb": "1"},
        ),
        "network-public-us-east-1b": (
            "us-east-1b",
            "10.40.228.0/22",
            {"Name": "dev-public-us-east-1b", "kubernetes.io/role/elb": "1"},
        ),
    }


def test_nothing_gets_a_public_address_by_itself() -> None:
    assert {subnet.inputs["mapPublicIpOnLaunch"] for subnet in network_graph().of_type(SUBNET)} == {False}


def test_the_default_security_group_lets_nothing_in_or_out() -> None:
    group = only(network_graph(), "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")

    assert (group.inputs["ingress"], group.inputs["egress"]) == ((), ())


@pytest.mark.parametrize(("mode", "gateways"), [("single", 1), ("perZone", 2)])
def test_the_nat_mode_decides_the_number_of_gateways_and_addresses(mode: str, gateways: int) -> None:
    graph = network_graph(NetworkSpec.model_validate({"cidr": "10.40.0.0/16", "nat": mode}))

    assert len(graph.of_type(NAT)) == gateways
    assert len(graph.of_type(EIP)) == gateways


def test_with_a_single_gateway_every_private_subnet_goes_out_through_the_first_zone() -> None:
    graph = network_graph(NetworkSpec(cidr="10.40.0.0/16", nat="single"))

    for zone in ZONES:
        route = named(graph, ROUTE, f"network-private-{zone}")
        assert route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
        assert [graph[urn].name for urn in route.property_dependencies["natGatewayId"]] == ["network-nat-us-east-1a"]


def test_with_a_gateway_per_zone_every_private_subnet_stays_in_its_zone() -> None:
    graph = network_graph(NetworkSpec(cidr="10.40.0.0/16", nat="perZone"))

    for zone in ZONES:
        route = named(graph, ROUTE, f"network-private-{zone}")
        assert [graph[urn].name for urn in route.property_dependencies["natGatewayId"]] == [f"network-nat-{zone}"]


def test_the_nat_mode_changes_no_subnet_and_no_route_table() -> None:
    def lasting(mode: str) -> set[str]:
        graph = network_graph(NetworkSpec.model_validate({"cidr": "10.40.0.0/16", "nat": mode}))
        return {r.urn for r in graph.of_type(SUBNET, "aws:ec2/routeTable:RouteTable", ASSOCIATION)}

    assert lasting("single") == lasting("perZone")


def test_a_nat_gateway_waits_for_the_route_to_the_internet() -> None:
    graph = network_graph()

    assert {"network-public", "network-internet"} <= needs(graph, only(graph, NAT))


def test_s3_is_reached_without_nat_from_every_private_subnet() -> None:
    graph = network_graph()
    endpoint = only(graph, ENDPOINT)

    assert endpoint.inputs["serviceName"] == "com.amazonaws.us-east-1.s3"
    assert endpoint.inputs["vpcEndpointType"] == "Gateway"
    tables = {graph[urn].name for urn in endpoint.property_dependencies["routeTableIds"]}
    assert {"network-private-us-east-1a", "network-private-us-east-1b"} <= tables


def test_a_third_zone_adds_and_moves_nothing() -> None:
    before = network_graph()
    after = network_graph(zones=(*ZONES, "us-east-1c"))

    for subnet in before.of_type(SUBNET):
        assert after[subnet.urn].inputs == subnet.inputs


def test_only_identifiers_are_left_to_aws() -> None:
    graph = network_graph()

    allowed = {"vpcId", "subnetId", "routeTableId", "routeTableIds", "gatewayId", "natGatewayId", "allocationId"}
    assert {path[0] for resource in graph.registered for path in unknown_paths(resource)} <= allowed


def test_nodes_wait_for_every_way_out() -> None:
    handles: list[NetworkHandle] = []
    graph = record_on_aws(
        lambda opts: handles.append(
            Network(
                "network",
                NetworkSpec(cidr="10.40.0.0/16"),
                zones=ZONES,
                region=REGION,
                cluster_name="dev",
                opts=opts,
            ).handle
        )
    )

    ready = {resource.pulumi_resource_name for resource in handles[0].ready}
    waited_for = {r.name for r in graph.of_type(ROUTE, ASSOCIATION, ENDPOINT)}
    assert ready == waited_for
    assert len(handles[0].private_subnet_ids) == len(handles[0].public_subnet_ids) == len(ZONES)
    assert handles[0].cidr == "10.40.0.0/16"


def test_more_zones_than_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="8 zones do not fit"):
        network_graph(zones=tuple(f"us-east-1{letter}" for letter in "abcdefgh"))


def test_names_in_the_console_begin_with_the_cluster() -> None:
    graph = network_graph(cluster_name="models")

    titles = {str(get(resource.inputs, "tags", "Name")) for resource in graph.registered if "tags" in resource.inputs}
    assert titles
    assert all(title == "models" or title.startswith("models-") for title in titles)
