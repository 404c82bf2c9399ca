"""Endpoints: private, named as the services are, and behind one security group that admits the VPC."""

import re

import pytest

from bedplate.catalog.catalog import load
from bedplate.model.naming import check_name
from tests.components.network.graphs import ENDPOINT, SECURITY_GROUP, network_graph
from tests.support.aws_program import REGION, ZONES, named, only

SERVICES = ("ecr.api", "sts")
# EC2 API reference, VpcEndpointType (botocore 1.44.8).
TYPES = {"Gateway", "GatewayLoadBalancer", "Interface", "Resource", "ServiceNetwork", "Tunnel"}


def test_every_service_has_an_endpoint_with_private_names_in_every_private_subnet() -> None:
    graph = network_graph(interface_endpoints=SERVICES)

    for service in SERVICES:
        endpoint = named(graph, ENDPOINT, f"network-endpoint-{service.replace('.', '-')}")
        assert endpoint.inputs["serviceName"] == f"com.amazonaws.{REGION}.{service}"
        assert endpoint.inputs["vpcEndpointType"] == "Interface"
        assert endpoint.inputs["privateDnsEnabled"] is True
        assert len(endpoint.inputs["subnetIds"]) == len(ZONES)
        subnets = {graph[urn].name for urn in endpoint.property_dependencies["subnetIds"]}
        assert {f"network-private-{zone}" for zone in ZONES} <= subnets


def test_endpoints_stand_behind_one_group_that_admits_https_from_the_vpc_and_lets_nothing_out() -> None:
    graph = network_graph(cidr="10.8.0.0/18", interface_endpoints=SERVICES)
    group = only(graph, SECURITY_GROUP)

    assert group.inputs["egress"] == ()
    (rule,) = group.inputs["ingress"]
    assert (rule["protocol"], rule["fromPort"], rule["toPort"], rule["cidrBlocks"]) == (
        "tcp",
        443,
        443,
        ("10.8.0.0/18",),
    )
    for service in SERVICES:
        endpoint = named(graph, ENDPOINT, f"network-endpoint-{service.replace('.', '-')}")
        assert group.urn in endpoint.property_dependencies["securityGroupIds"]


def test_without_endpoints_there_is_no_group() -> None:
    assert network_graph().of_type(SECURITY_GROUP) == ()


def test_a_service_more_leaves_the_others_as_they_are() -> None:
    before, after = network_graph(interface_endpoints=SERVICES), network_graph(interface_endpoints=(*SERVICES, "logs"))

    assert {r.urn for r in before} < {r.urn for r in after}
    assert all(after[r.urn].inputs == r.inputs for r in before)


def test_the_name_of_the_group_is_within_the_limits_of_its_service() -> None:
    group = only(network_graph(cluster_name="c" * 100, interface_endpoints=SERVICES), SECURITY_GROUP)

    assert check_name("securityGroup", str(group.inputs["name"])) is None


@pytest.mark.parametrize("service", sorted(load().vpc_endpoints))
def test_every_service_of_the_catalogue_is_named_as_aws_names_endpoint_services(service: str) -> None:
    graph = network_graph(interface_endpoints=(service,))
    names = {str(endpoint.inputs["serviceName"]) for endpoint in graph.of_type(ENDPOINT)}

    assert names == {f"com.amazonaws.{REGION}.s3", f"com.amazonaws.{REGION}.{service}"}
    assert all(re.fullmatch(r"com\.amazonaws\.[a-z0-9-]+\.[a-z0-9]+([.-][a-z0-9]+)*", name) for name in names)
    assert {endpoint.inputs["vpcEndpointType"] for endpoint in graph.of_type(ENDPOINT)} <= TYPES
