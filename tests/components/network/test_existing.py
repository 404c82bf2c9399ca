"""A VPC that exists: taken as it is written, with nothing made in it that nobody asked for."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.base import NetworkHandle
from components.network.spec import Connectivity
from tests.components.network.graphs import ENDPOINT, FLOW_LOG, SECURITY_GROUP, network_graph
from tests.support.aws_program import ZONES, named, only

VPC_ID = "vpc-0a1b2c3d4e5f60718"
SUBNET_IDS = {"us-east-1a": "subnet-0a1b2c3d4e5f6071a", "us-east-1b": "subnet-0a1b2c3d4e5f6071b"}
EXISTING: Mapping[str, Any] = {
    "vpcId": VPC_ID,
    "cidr": "10.20.0.0/16",
    # In another order than the environment's zones.
    "privateSubnets": [
        {"zone": "us-east-1b", "id": SUBNET_IDS["us-east-1b"], "cidr": "10.20.64.0/18"},
        {"zone": "us-east-1a", "id": SUBNET_IDS["us-east-1a"], "cidr": "10.20.0.0/18"},
    ],
}


@pytest.mark.parametrize("connectivity", ["connected", "private"])
def test_nothing_is_made_in_it_unless_somebody_asks(connectivity: Connectivity) -> None:
    graph = network_graph(existing=EXISTING, connectivity=connectivity)

    assert [resource.urn for resource in graph.registered if resource.is_aws] == []


def test_its_handle_has_the_ids_that_are_written_in_the_order_of_the_zones() -> None:
    handles: list[NetworkHandle] = []
    endpoints: dict[str, Any] = {"interface_endpoints": ("sts",), "handles": handles}
    graph = network_graph(existing=EXISTING, **endpoints)
    (handle,) = handles

    assert handle.cidr == "10.20.0.0/16"
    assert list(handle.private_subnets) == list(ZONES)
    assert dict(handle.public_subnets) == {}
    assert [resource.pulumi_resource_name for resource in handle.ready] == [only(graph, ENDPOINT).name]


def test_endpoints_that_are_asked_for_stand_in_its_subnets_and_admit_its_range() -> None:
    graph = network_graph(existing=EXISTING, interface_endpoints=("sts",))
    endpoint = named(graph, ENDPOINT, "network-endpoint-sts")
    group = only(graph, SECURITY_GROUP)

    assert endpoint.inputs["vpcId"] == group.inputs["vpcId"] == VPC_ID
    assert endpoint.inputs["subnetIds"] == (SUBNET_IDS["us-east-1a"], SUBNET_IDS["us-east-1b"])
    assert group.inputs["ingress"][0]["cidrBlocks"] == ("10.20.0.0/16",)


def test_flow_logs_that_are_asked_for_cover_it() -> None:
    assert only(network_graph(existing=EXISTING, flowLogs={}), FLOW_LOG).inputs["vpcId"] == VPC_ID


def test_a_zone_without_a_subnet_is_refused() -> None:
    with pytest.raises(KeyError, match="us-east-1c"):
        network_graph(existing=EXISTING, zones=(*ZONES, "us-east-1c"))
