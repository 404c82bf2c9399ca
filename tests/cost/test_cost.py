"""What `dev` costs, to the last digit, and what is said where a price or a number is not known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bedplate.catalog import catalog
from bedplate.cost.cost import CostLine, CostReport, cost
from bedplate.cost.types import FREE, USAGE_BASED
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import UNKNOWN, Json
from bedplate.units.money import Money
from components.node_pool.spec import NodePoolSpec
from tests.support.environments import TODAY, dev, dev_review

STACK = Resource(urn="urn:stack", type="pulumi:pulumi:Stack", name="dev", custom=False)


def of(type_: str, resolved: ResolvedEnvironment | None = None, today: date = TODAY, **fields: Json) -> CostReport:
    """The cost of a Graph with one resource."""
    resource = Resource(urn="urn:one", type=type_, name="one", parent="urn:stack", **fields)
    graph = Graph(environment="dev", resources=[STACK, resource])
    return cost(graph, resolved or dev(), catalog.load(), today=today)


def nodes(resolved: ResolvedEnvironment | None = None, count: Json = 2, pool: str = "system") -> CostReport:
    """The cost of one node group."""
    inputs = {"scalingConfig": {"desiredSize": count}}
    return of("aws:eks/nodeGroup:NodeGroup", resolved, inputs=inputs, entry=f"nodePools[{pool}]")


def with_cloud(**changes: Json) -> ResolvedEnvironment:
    """`dev` in another place."""
    environment = dev().environment
    cloud = environment.cloud.model_copy(update=changes)
    return replace(dev(), environment=environment.model_copy(update={"cloud": cloud}))


def amounts(report: CostReport) -> dict[str, Decimal | None]:
    """Monthly amounts by item; None where there is none."""
    return {line.item: line.monthly.amount if line.monthly else None for line in report.lines}


def amounts_by_note(report: CostReport) -> dict[tuple[str, str], Decimal | None]:
    """Monthly amounts by item and note, where an item stands several times."""
    return {(line.item, line.note): line.monthly.amount if line.monthly else None for line in report.lines}


def line_of(report: CostReport, item: str) -> CostLine:
    """The only line for `item`."""
    (line,) = (line for line in report.lines if line.item == item)
    return line


def test_dev_costs_what_its_parts_cost_by_hand() -> None:
    by_hand: Mapping[str, Decimal] = {
        "cluster": Decimal("0.10") * 730 + Decimal("1.00"),
        "network": Decimal("0.045") * 730 + Decimal("0.005") * 730,
        "nodePools[l4]": Decimal("0.9776") * 730 + 120 * Decimal("0.08"),
        "nodePools[system]": 2 * Decimal("0.1008") * 730 + 2 * 50 * Decimal("0.08"),
        "stores[weights]": Decimal("1.00"),
    }
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in dev_review().cost.priced:
        assert line.monthly is not None
        found[line.resource.entry] += line.monthly.amount
    assert found == by_hand
    assert dev_review().cost.total.amount == sum(by_hand.values())


def test_a_node_group_costs_its_instances_and_their_disks() -> None:
    assert amounts(nodes(count=3)) == {
        "m7i.large": 3 * Decimal("0.1008") * 730,
        "ebs-gp3": 3 * 50 * Decimal("0.08"),
    }


def with_pool(**changes: Json) -> ResolvedEnvironment:
    """`dev` with another entry for its pool `system`."""
    environment = dev().environment
    data = [pool.model_dump(by_alias=True) for pool in environment.node_pools]
    pools = tuple(NodePoolSpec.model_validate(entry | (changes if entry["name"] == "system" else {})) for entry in data)
    return replace(dev(), environment=environment.model_copy(update={"node_pools": pools}))


def test_speed_beyond_what_a_volume_comes_with_is_billed_on_top() -> None:
    report = nodes(with_pool(disk={"gib": 50, "iops": 4000, "throughputMibs": 325}), count=3)
    assert amounts(report) == {
        "m7i.large": 3 * Decimal("0.1008") * 730,
        "ebs-gp3": 3 * 50 * Decimal("0.08"),
        "ebs-gp3-iops": 3 * 1000 * Decimal("0.005"),
        "ebs-gp3-throughput": 3 * 200 * Decimal("0.04"),
    }


def test_bottlerocket_s_system_volume_is_billed_as_well() -> None:
    line = line_of(nodes(with_pool(ami={"family": "bottlerocket"})), "ebs-gp3")
    assert (line.quantity, line.note) == (Decimal(2 * 54), "2 × 4 + 50 GiB")


def test_nodes_that_wait_stopped_cost_their_disks() -> None:
    report = nodes(with_pool(disk={"gib": 50}, warmPool={"maxPrepared": 5}, size={"min": 1, "desired": 2, "max": 9}))
    assert amounts_by_note(report) == {
        ("m7i.large", ""): 2 * Decimal("0.1008") * 730,
        ("ebs-gp3", "2 × 50 GiB"): 2 * 50 * Decimal("0.08"),
        ("ebs-gp3", "warm pool, stopped: 3 × 50 GiB"): 3 * 50 * Decimal("0.08"),
    }


def test_nodes_that_wait_running_cost_as_much_as_those_in_use() -> None:
    report = nodes(with_pool(disk={"gib": 50}, warmPool={"state": "running"}, size={"min": 1, "desired": 2, "max": 3}))
    assert amounts_by_note(report) == {
        ("m7i.large", ""): 2 * Decimal("0.1008") * 730,
        ("m7i.large", "warm pool, running"): Decimal("0.1008") * 730,
        ("ebs-gp3", "2 × 50 GiB"): 2 * 50 * Decimal("0.08"),
        ("ebs-gp3", "warm pool, running: 1 × 50 GiB"): 50 * Decimal("0.08"),
    }


def test_a_warm_pool_keeps_its_fewest_nodes_whatever_may_be_prepared() -> None:
    report = nodes(with_pool(warmPool={"min": 2}, size={"min": 1, "desired": 2, "max": 2}), count=2)
    assert ("ebs-gp3", "warm pool, stopped: 2 × 50 GiB") in amounts_by_note(report)


def test_a_capacity_block_has_been_paid_and_is_no_zero() -> None:
    reservation = {"id": "cr-0a1b2c3d4e5f60718", "zone": "us-east-1a"}
    line = line_of(nodes(with_pool(capacity="capacityBlock", reservation=reservation)), "m7i.large")
    assert (line.monthly, line.note) == (None, "Capacity Blocks are paid in advance, at a price of their own")


def test_reserved_capacity_says_that_it_is_billed_unused_as_well() -> None:
    reservation = {"id": "cr-0a1b2c3d4e5f60718", "zone": "us-east-1a"}
    line = line_of(nodes(with_pool(reservation=reservation)), "m7i.large")
    assert line.monthly is not None
    assert line.note == "cr-0a1b2c3d4e5f60718 costs as much whether nodes use it or not"


def test_spot_has_no_list_price_so_on_demand_is_shown_as_an_upper_bound() -> None:
    line = line_of(nodes(count=1, pool="l4"), "g6.2xlarge")
    assert (line.bound, line.note) == (True, "Spot has no list price: on-demand as an upper bound")
    assert not line_of(nodes(), "m7i.large").bound


def test_no_nodes_cost_nothing_and_are_priced() -> None:
    report = nodes(count=0)
    assert report.total == Money(Decimal(0), "USD")
    assert Decimal(report.to_json()["monthly"]) == 0
    assert len(report.priced) == 2


def test_a_number_of_nodes_that_nobody_knows_is_unpriced_and_never_free() -> None:
    report = nodes(count=UNKNOWN)
    assert amounts(report) == {"m7i.large": None, "ebs-gp3": None}
    assert {line.note for line in report.unpriced} == {"the number of nodes is known only after apply"}
    assert report.priced == ()


def test_subnets_that_nobody_knows_leave_an_endpoint_unpriced() -> None:
    kind, item = "aws:ec2/vpcEndpoint:VpcEndpoint", "vpc-interface-endpoint"
    known = of(kind, inputs={"vpcEndpointType": "Interface", "subnetIds": [UNKNOWN, UNKNOWN]})
    assert amounts(known) == {item: 2 * Decimal("0.01") * 730}
    unknown = of(kind, inputs={"vpcEndpointType": "Interface", "subnetIds": UNKNOWN})
    assert amounts(unknown) == {item: None}


def test_a_gateway_endpoint_is_not_billed() -> None:
    assert of("aws:ec2/vpcEndpoint:VpcEndpoint", inputs={"vpcEndpointType": "Gateway"}).lines == ()


@pytest.mark.parametrize(
    "kind", ["aws:s3/bucket:Bucket", "aws:cloudwatch/logGroup:LogGroup", "aws:ec2/flowLog:FlowLog"]
)
def test_what_is_billed_by_use_is_listed_without_a_price(kind: str) -> None:
    (line,) = of(kind).lines
    assert (line.monthly, line.note) == (None, "billed by use")


@pytest.mark.parametrize("kind", ["aws:ec2/vpc:Vpc", "aws:iam/role:Role", "kubernetes:core/v1:Namespace"])
def test_what_aws_gives_away_has_no_line(kind: str) -> None:
    assert of(kind).lines == ()


def test_a_region_without_a_price_leaves_everything_unpriced_and_says_so() -> None:
    report = nodes(with_cloud(region="eu-west-1"))
    assert amounts(report) == {"m7i.large": None, "ebs-gp3": None}
    assert line_of(report, "m7i.large").note == "no USD price for m7i.large in eu-west-1"
    assert line_of(report, "ebs-gp3").note.startswith("no USD price for ebs-gp3 in eu-west-1; 2 × ")
    assert (report.is_known, report.to_json()["monthly"], report.as_of) == (False, None, "")


SUPPORT = catalog.load().kubernetes_versions["1.35"].standard_support_ends


@pytest.mark.parametrize(
    ("today", "item", "hourly"),
    [
        (SUPPORT, "eks.control-plane.standard", "0.10"),
        (SUPPORT + timedelta(days=1), "eks.control-plane.extended", "0.60"),
    ],
)
def test_the_control_plane_costs_more_from_the_day_after_standard_support(today: date, item: str, hourly: str) -> None:
    report = of("aws:eks/cluster:Cluster", today=today)
    assert amounts(report) == {item: Decimal(hourly) * 730}


def test_prices_are_as_old_as_the_oldest_one_used() -> None:
    prices = catalog.load().prices
    used = [prices[(line.item, "us-east-1")].as_of.isoformat() for line in dev_review().cost.priced]
    assert dev_review().cost.as_of == min(used)


def test_the_budget_is_held_against_the_priced_part() -> None:
    report = dev_review().cost
    assert not report.over_budget
    assert replace(report, budget=report.total).over_budget is False
    assert replace(report, budget=report.total - Money(Decimal("0.01"), "USD")).over_budget


def test_derived_objects_and_components_are_not_billed() -> None:
    registered = {resource.urn for resource in dev_review().graph.registered}
    assert {line.resource.urn for line in dev_review().cost.lines} <= registered


def test_the_json_form_keeps_every_digit() -> None:
    report = dev_review().cost
    document = report.to_json()
    assert Decimal(document["monthly"]) == report.total.amount
    assert sum(Decimal(line["monthly"]) for line in document["lines"] if line["monthly"]) == report.total.amount
    assert (document["priced"], document["billable"]) == (len(report.priced), len(report.lines))


def test_an_object_of_an_unknown_type_is_unpriced_and_never_taken_as_free() -> None:
    (line,) = of("aws:ours/thing:Thing").lines
    assert line.monthly is None
    assert line.to_json()["note"] == "no USD price for aws:ours/thing:Thing in us-east-1"


def test_every_type_that_the_catalogue_knows_is_priced_billed_by_use_or_free() -> None:
    priced = {
        "ec2/eip:Eip",
        "ec2/natGateway:NatGateway",
        "eks/cluster:Cluster",
        "eks/nodeGroup:NodeGroup",
        "kms/key:Key",
    }
    known = FREE | USAGE_BASED | {f"aws:{kind}" for kind in priced}
    types = {kind for kind in catalog.load().replacement_rules if kind.startswith("aws:")}
    # Billed by the hour and by application: what has no price is unpriced.
    assert types - known == {"aws:eks/capability:Capability"}
