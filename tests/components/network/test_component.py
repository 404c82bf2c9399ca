"""The network: one VPC, subnets by the plan, and as many ways out as the spec says."""

import pytest

from bedplate.graph.values import get
from components.base import NetworkHandle
from tests.components.network.graphs import (
    ASSOCIATION,
    DEFAULT_GROUP,
    EIP,
    ENDPOINT,
    INTERNET,
    NAT,
    ROUTE,
    ROUTE_TABLE,
    SUBNET,
    VPC,
    network_graph,
)
from tests.support.aws_program import ZONES, named, needs, only, unknown_paths


def test_the_vpc_has_the_range_of_the_spec_and_resolves_names() -> None:
    vpc = only(network_graph(cidr="10.8.0.0/18"), VPC)

    assert vpc.inputs["cidrBlock"] == "10.8.0.0/18"
    assert vpc.inputs["enableDnsSupport"] is True
    assert vpc.inputs["enableDnsHostnames"] is True


def test_every_resource_answers_to_the_network_section() -> None:
    graph = network_graph(flowLogs={}, interface_endpoints=("ecr.api",))

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
    group = only(network_graph(), DEFAULT_GROUP)

    assert (group.inputs["ingress"], group.inputs["egress"]) == ((), ())


@pytest.mark.parametrize(("mode", "gateways"), [("single", 1), ("perZone", 2)])
def test_the_nat_mode_decides_the_number_of_gateways_and_addresses(mode: str, gateways: int) -> None:
    graph = network_graph(nat=mode)

    assert len(graph.of_type(NAT)) == gateways
    assert len(graph.of_type(EIP)) == gateways


def test_a_connected_network_has_one_nat_gateway_unless_told_otherwise() -> None:
    assert [gateway.name for gateway in network_graph().of_type(NAT)] == ["network-nat-us-east-1a"]


def test_with_a_single_gateway_every_private_subnet_goes_out_through_the_first_zone() -> None:
    graph = network_graph(nat="single")

    for zone in ZONES:
        route = named(graph, ROUTE, f"network-private-{zone}")
        assert route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
        assert [graph[urn].name for urn in route.property_dependencies["natGatewayId"]] == ["network-nat-us-east-1a"]


def test_with_a_gateway_per_zone_every_private_subnet_stays_in_its_zone() -> None:
    graph = network_graph(nat="perZone")

    for zone in ZONES:
        route = named(graph, ROUTE, f"network-private-{zone}")
        assert [graph[urn].name for urn in route.property_dependencies["natGatewayId"]] == [f"network-nat-{zone}"]


def test_a_nat_gateway_waits_for_the_route_to_the_internet() -> None:
    graph = network_graph()

    assert {"network-public", "network-internet"} <= needs(graph, only(graph, NAT))


def test_a_private_network_has_no_way_to_the_internet_and_none_back() -> None:
    graph = network_graph(connectivity="private")

    assert [r.urn for r in graph.of_type(INTERNET, NAT, EIP, ROUTE)] == []
    assert {subnet.name for subnet in graph.of_type(SUBNET)} == {f"network-private-{zone}" for zone in ZONES}
    assert {table.name for table in graph.of_type(ROUTE_TABLE)} == {f"network-private-{zone}" for zone in ZONES}


def test_a_private_network_has_public_subnets_where_they_are_asked_for_and_still_no_way_out_for_nodes() -> None:
    graph = network_graph(connectivity="private", publicSubnets=True)

    assert len(graph.of_type(SUBNET)) == 2 * len(ZONES)
    only(graph, INTERNET)
    assert [route.name for route in graph.of_type(ROUTE)] == ["network-public"]
    assert graph.of_type(NAT) == ()


def test_a_private_network_is_where_the_connected_one_was() -> None:
    connected, private = network_graph(), network_graph(connectivity="private")

    kept = private.of_type(VPC, SUBNET, ROUTE_TABLE, ASSOCIATION, DEFAULT_GROUP, ENDPOINT)
    assert len(kept) > len(ZONES)
    for resource in kept:
        assert connected[resource.urn].inputs == resource.inputs


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

    assert len(before.of_type(SUBNET)) == 2 * len(ZONES)
    for subnet in before.of_type(SUBNET):
        assert after[subnet.urn].inputs == subnet.inputs


def test_only_identifiers_are_left_to_aws() -> None:
    graph = network_graph(flowLogs={}, interface_endpoints=("ecr.api",))

    allowed = {
        "allocationId",
        "gatewayId",
        "kmsKeyId",
        "natGatewayId",
        "routeTableId",
        "routeTableIds",
        "securityGroupIds",
        "subnetId",
        "subnetIds",
        "targetKeyId",
        "vpcId",
    }
    assert {path[0] for resource in graph.registered for path in unknown_paths(resource)} <= allowed


def test_nodes_wait_for_every_way_out() -> None:
    handles: list[NetworkHandle] = []
    graph = network_graph(interface_endpoints=("ecr.api", "sts"), handles=handles)

    ready = {resource.pulumi_resource_name for resource in handles[0].ready}
    assert ready == {r.name for r in graph.of_type(ROUTE, ASSOCIATION, ENDPOINT)}


def test_the_handle_names_the_subnets_by_zone() -> None:
    handles: list[NetworkHandle] = []
    network_graph(handles=handles)
    network_graph(connectivity="private", handles=handles)

    connected, private = handles
    assert connected.cidr == private.cidr == "10.40.0.0/16"
    assert list(connected.private_subnets) == list(private.private_subnets) == list(ZONES)
    assert connected.private_subnet_ids == tuple(connected.private_subnets.values())
    assert (list(connected.public_subnets), list(private.public_subnets)) == (list(ZONES), [])


def test_more_zones_than_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="8 zones do not fit"):
        network_graph(zones=tuple(f"us-east-1{letter}" for letter in "abcdefgh"))


def test_names_in_the_console_begin_with_the_cluster() -> None:
    graph = network_graph(cluster_name="models", flowLogs={}, interface_endpoints=("ecr.api",))

    titles = {str(get(resource.inputs, "tags", "Name")) for resource in graph.registered if "tags" in resource.inputs}
    assert titles
    assert all(title == "models" or title.startswith("models-") for title in titles)
