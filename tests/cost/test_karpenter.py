"""What pools that Karpenter keeps cost at most: never free, never more certain than they are."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bedplate.catalog import catalog
from bedplate.cost.cost import CostLine, cost
from bedplate.graph.derive.karpenter import NODE_POOL_TYPE
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json
from tests.support.environments import TODAY, dev
from tests.support.karpenter import with_karpenter

HOURS = Decimal(730)


def lines(folder: Path, changes: dict[str, Json] | None = None, **pool: Any) -> list[CostLine]:
    """Lines of a NodePool for a pool with such an entry."""
    stack = Resource(urn="urn:stack", type="pulumi:pulumi:Stack", name="dev", custom=False)
    item = Resource(urn="urn:one", type=NODE_POOL_TYPE, name="one", parent="urn:stack", entry="nodePools[burst]")
    graph = Graph(environment="dev", resources=[stack, item])
    return list(cost(graph, with_karpenter(folder, changes, **pool), catalog.load(), today=TODAY).lines)


def instances(folder: Path, **pool: Any) -> CostLine:
    return lines(folder, **pool)[0]


def price(item: str) -> Decimal:
    found = catalog.load().price(item, "us-east-1")
    assert found is not None
    return found.amount


def test_the_limits_bound_the_cost_by_the_type_that_is_dearest_for_each_unit(tmp_path: Path) -> None:
    line = instances(tmp_path)

    dearest = max(
        ("m7i.xlarge", "m7i.2xlarge"), key=lambda name: (price(name) / (4 if name == "m7i.xlarge" else 8), name)
    )
    quantity = Decimal(20) / (4 if dearest == "m7i.xlarge" else 8)
    assert (line.item, line.quantity, line.bound) == (dearest, quantity, True)
    assert line.monthly is not None
    assert line.monthly.amount == quantity * price(dearest) * HOURS
    assert line.note == "0 to 5 nodes; at most what limits allow"


def test_no_mix_of_types_within_the_limits_costs_more(tmp_path: Path) -> None:
    line = instances(tmp_path, limits={"cpu": 20, "nodes": 4})
    assert line.monthly is not None

    for small in range(6):
        for large in range(4):
            if small * 4 + large * 8 <= 20 and small + large <= 4:
                mix = small * price("m7i.xlarge") + large * price("m7i.2xlarge")
                assert mix * HOURS <= line.monthly.amount


def test_a_limit_of_which_all_types_take_as_much_allows_whole_nodes_only(tmp_path: Path) -> None:
    line = instances(tmp_path, limits={"nodes": 3})

    assert (line.item, line.quantity) == ("m7i.2xlarge", Decimal(3))


def test_disks_are_billed_for_the_most_nodes_that_there_can_be(tmp_path: Path) -> None:
    disks = lines(tmp_path)[1]

    assert (disks.item, disks.quantity, disks.bound, disks.note) == (
        "ebs-gp3",
        Decimal(500),
        True,
        "at most 5 × 100 GiB",
    )


def test_memory_is_counted_as_the_system_sees_it_which_allows_more_nodes(tmp_path: Path) -> None:
    # Four nodes of 16 GiB have 64 GiB by name; the system sees less of each, so that a fifth stays within 74 GiB.
    assert "0 to 5 nodes" in instances(tmp_path, limits={"memoryGib": 75}).note


def test_spot_has_no_list_price(tmp_path: Path) -> None:
    note = instances(tmp_path, capacity=["spot", "onDemand"]).note

    assert note.endswith("Spot has no list price: on-demand as an upper bound")


def test_where_nobody_knows_a_price_the_pool_is_unpriced_and_not_free(tmp_path: Path) -> None:
    place = {"provider": "aws", "account": "111122223333", "region": "eu-north-1"}
    changes = {"cloud": {**place, "zones": ["eu-north-1a", "eu-north-1b"]}}
    line = lines(tmp_path, changes)[0]

    assert (line.item, line.monthly, line.bound) == ("m7i.xlarge", None, True)
    assert line.note == "no USD price for m7i.xlarge in eu-north-1"


def test_a_fixed_number_of_nodes_is_a_price_and_no_bound(tmp_path: Path) -> None:
    line = instances(tmp_path, instanceTypes=["m7i.xlarge"], limits={"nodes": 3}, replicas=2)

    assert (line.item, line.quantity, line.bound) == ("m7i.xlarge", Decimal(2), False)
    assert line.note == "always 2, and 3 while nodes are replaced"


def test_nodes_of_a_node_pool_that_is_none_of_the_environment_s_are_never_free() -> None:
    stack = Resource(urn="urn:stack", type="pulumi:pulumi:Stack", name="dev", custom=False)
    item = Resource(urn="urn:one", type=NODE_POOL_TYPE, name="one", parent="urn:stack", entry="addons[other]")
    graph = Graph(environment="dev", resources=[stack, item])
    (line,) = cost(graph, dev(), catalog.load(), today=TODAY).lines

    assert (line.item, line.monthly) == ("nodes", None)
    assert line.note.startswith("of a NodePool that is no pool of the environment")


@pytest.mark.parametrize("capacity", [["reserved"], ["reserved", "onDemand"]])
def test_reservations_have_a_price_of_their_own_that_nobody_knows(tmp_path: Path, capacity: list[str]) -> None:
    found = lines(tmp_path, capacity=capacity, reservations=["cr-0a1b2c3d4e5f60718"])[-1]

    assert (found.item, found.monthly) == ("cr-0a1b2c3d4e5f60718", None)
