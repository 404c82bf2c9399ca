"""Pods on nodes that Karpenter has yet to start: what would do, what could not, and what nobody can tell."""

from __future__ import annotations

import pytest

from bedplate.capacity.elastic import place_elastic
from bedplate.capacity.packing import Fit
from bedplate.capacity.placement import Placement, Pool, Variant
from bedplate.capacity.resources import Amount
from bedplate.graph.derive.expand import PodGroup
from bedplate.graph.derive.node_group import NodeGroup
from bedplate.graph.derive.scheduling import NodeShape
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json

ORIGIN = Resource(urn="urn:pod", type="kubernetes:core/v1:Pod", name="pod")
FIXED = NodeShape("fixed", {"pool": "fixed"})
BURST = NodeShape("burst", {"pool": "burst"})


def amount(cpu: int) -> Amount:
    return Amount(cpu=cpu, memory=1 << 36, pods=50)


def fixed(count: int = 1, cpu: int = 4000) -> Pool:
    return Pool(NodeGroup(FIXED, count, ("m7i.xlarge",)), amount(cpu), amount(cpu))


def burst(*variants: tuple[str, int, int], most: int = 0) -> Pool:
    """A pool that may grow: by instance type the millicores of a node, and the most nodes."""
    made = tuple(Variant(name, amount(cpu), count) for name, cpu, count in variants)
    group = NodeGroup(BURST, 0, tuple(item.instance_type for item in made), elastic=True)
    cpus = [item.offer.cpu for item in made]
    return Pool(group, amount(min(cpus)), amount(max(cpus)), made, most or max(item.count for item in made))


def pods(cpu: str, count: int = 1, *, name: str = "web", node: str = "", **spec: Json) -> PodGroup:
    container = {"name": "c", "resources": {"requests": {"cpu": cpu}}}
    return PodGroup(name, "a", {"containers": [container], **spec}, node, 1, count, ORIGIN)


def judged(groups: list[PodGroup], *pools: Pool) -> Placement:
    return place_elastic(groups, pools, {})


def test_what_fits_on_the_nodes_that_are_there_needs_no_others() -> None:
    found = judged([pods("1", 3)], fixed(), burst(("large", 8000, 4)))

    assert found.packing.fit is Fit.ANY_ORDER
    assert found.nodes == {"fixed": 1, "burst": 0}


def test_what_needs_more_nodes_fits_once_they_are_started_and_says_how_many() -> None:
    found = judged([pods("3", 4)], fixed(), burst(("small", 4000, 8)))

    assert found.packing.fit is Fit.STARTED
    assert found.packing.reason == "3 × small of pool burst would do"
    assert found.nodes == {"fixed": 1, "burst": 0}


def test_a_pod_that_only_the_larger_type_holds_is_tried_there_too() -> None:
    found = judged([pods("6", 2)], fixed(), burst(("small", 4000, 8), ("large", 8000, 4)))

    assert (found.packing.fit, found.packing.reason) == (Fit.STARTED, "2 × large of pool burst would do")


def test_more_pods_than_the_limits_hold_cannot_fit() -> None:
    found = judged([pods("3", 6)], fixed(), burst(("small", 4000, 4)))

    assert found.packing.fit is Fit.CANNOT
    assert found.packing.reason == "even on all nodes that limits allow: no placement of all pods exists"


def test_a_pod_that_no_type_holds_cannot_fit_and_is_named() -> None:
    found = judged([pods("16")], fixed(), burst(("small", 4000, 4), ("large", 8000, 2)))

    assert (found.packing.fit, found.packing.blocked) == (Fit.CANNOT, "a/web#1")


def test_what_fits_only_on_a_mix_of_types_is_not_decided() -> None:
    # One large node and two small ones would hold them; neither four small nor two large ones do.
    groups = [pods("7", 1, name="big"), pods("3", 3, name="little")]
    found = judged(groups, burst(("small", 4000, 4), ("large", 8000, 2), most=4))

    assert found.packing.fit is Fit.UNKNOWN
    assert found.packing.reason.startswith("depends on the machines that Karpenter starts")


def test_what_is_not_part_of_the_proof_stays_undecided() -> None:
    found = judged([pods("3", 4, schedulerName="volcano")], fixed(), burst(("small", 4000, 8)))

    assert found.packing.fit is Fit.UNKNOWN
    assert found.packing.reason == "volcano places it, of which nothing is known"


def test_daemon_sets_take_their_part_of_every_node_that_is_started() -> None:
    daemon = pods("2", name="agent", node="burst")

    assert judged([daemon, pods("3", 2)], fixed(cpu=100), burst(("small", 4000, 8))).packing.fit is Fit.CANNOT
    found = judged([daemon, pods("3", 2)], fixed(cpu=100), burst(("small", 4000, 8), ("large", 6000, 8)))
    assert (found.packing.fit, found.packing.reason) == (Fit.STARTED, "2 × large of pool burst would do")


@pytest.mark.parametrize("count", [1, 5000])
def test_thousands_of_nodes_that_nobody_needs_cost_no_time(count: int) -> None:
    assert judged([pods("3", 1)], fixed(cpu=100), burst(("small", 4000, count))).packing.fit is Fit.STARTED


def test_pools_that_do_not_grow_are_judged_as_ever() -> None:
    assert judged([pods("5")], fixed()).packing.fit is Fit.CANNOT
