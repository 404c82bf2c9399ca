"""What other ways out, endpoints and flow logs do to a network that is there already: nothing that lasts moves."""

from typing import Any

import pytest

from bedplate.cli.planning import replacement_rules
from bedplate.graph.diff import diff
from bedplate.graph.graph import Graph
from tests.components.network.graphs import network_graph
from tests.support.environments import PLATFORM

CONNECTED = network_graph()


def changed(before: Graph, after: Graph) -> dict[str, str]:
    """What happens to every resource that does not stay as it is, by its label."""
    return {change.label: str(change.action) for change in diff(before, after, replacement_rules(PLATFORM))}


def test_a_gateway_per_zone_adds_the_missing_gateways_and_leads_their_zones_to_them() -> None:
    assert changed(CONNECTED, network_graph(nat="perZone")) == {
        "ec2.Eip network-nat-us-east-1b": "create",
        "ec2.NatGateway network-nat-us-east-1b": "create",
        "ec2.Route network-private-us-east-1b": "update",
    }


def test_back_to_a_single_gateway_removes_the_others_and_keeps_the_first() -> None:
    assert changed(network_graph(nat="perZone"), CONNECTED) == {
        "ec2.Eip network-nat-us-east-1b": "delete",
        "ec2.NatGateway network-nat-us-east-1b": "delete",
        "ec2.Route network-private-us-east-1b": "update",
    }


def test_becoming_private_takes_the_ways_out_and_the_public_subnets_and_nothing_else() -> None:
    changes = changed(CONNECTED, network_graph(connectivity="private", interface_endpoints=("sts",)))

    assert {label for label, action in changes.items() if action == "create"} == {
        "ec2.SecurityGroup network-endpoints",
        "ec2.VpcEndpoint network-endpoint-sts",
    }
    assert {label for label, action in changes.items() if action == "delete"} == {
        "ec2.Eip network-nat-us-east-1a",
        "ec2.InternetGateway network-internet",
        "ec2.NatGateway network-nat-us-east-1a",
        "ec2.Route network-private-us-east-1a",
        "ec2.Route network-private-us-east-1b",
        "ec2.Route network-public",
        "ec2.RouteTable network-public",
        "ec2.RouteTableAssociation network-public-us-east-1a",
        "ec2.RouteTableAssociation network-public-us-east-1b",
        "ec2.Subnet network-public-us-east-1a",
        "ec2.Subnet network-public-us-east-1b",
    }
    assert set(changes.values()) == {"create", "delete"}


def test_an_endpoint_more_is_made_beside_the_others() -> None:
    before = network_graph(interface_endpoints=("ecr.api",))

    assert changed(before, network_graph(interface_endpoints=("ecr.api", "sts"))) == {
        "ec2.VpcEndpoint network-endpoint-sts": "create"
    }


def test_a_zone_more_widens_what_is_shared_and_moves_nothing() -> None:
    fields: dict[str, Any] = {"interface_endpoints": ("sts",), "flowLogs": {}}
    before = network_graph(zones=("us-east-1a", "us-east-1b"), **fields)
    changes = changed(before, network_graph(zones=("us-east-1a", "us-east-1b", "us-east-1c"), **fields))

    assert {label for label, action in changes.items() if action != "create"} == {
        "ec2.VpcEndpoint network-endpoint-sts",
        "ec2.VpcEndpoint network-s3",
    }
    assert set(changes.values()) == {"create", "update"}


@pytest.mark.parametrize("setting", [{"traffic": "rejected"}, {"aggregationSeconds": 60}])
def test_other_flow_logs_are_made_anew_into_the_same_log_group(setting: dict[str, object]) -> None:
    before = network_graph(flowLogs={})

    assert changed(before, network_graph(flowLogs=setting)) == {"ec2.FlowLog network-flow-logs": "replace"}


def test_other_days_change_the_log_group_in_place() -> None:
    before = network_graph(flowLogs={})

    assert changed(before, network_graph(flowLogs={"retentionDays": 365})) == {
        "cloudwatch.LogGroup network-flow-logs": "update"
    }
