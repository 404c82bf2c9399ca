"""From pods and pools to a verdict: what is not decided is never called a fit, nor called impossible."""

from __future__ import annotations

import pytest

from bedplate.capacity.packing import Fit
from bedplate.capacity.placement import Placement, Pool, place
from bedplate.capacity.resources import Amount
from bedplate.graph.derive.expand import PodGroup
from bedplate.graph.derive.node_group import NodeGroup
from bedplate.graph.derive.scheduling import NodeShape
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json

ORIGIN = Resource(urn="urn:pod", type="kubernetes:core/v1:Pod", name="pod")
SYSTEM = NodeShape("system", {"pool": "system"}, undecided=frozenset({"topology.kubernetes.io/zone"}))


def pool(count: int | None = 1, *, cpu: int = 4000, most: int = 0, shape: NodeShape = SYSTEM) -> Pool:
    """A pool of nodes with `cpu` millicores, or `most` where AWS starts the larger of its types."""
    group = NodeGroup(shape, count, ("m7i.xlarge",))
    return Pool(group, Amount(cpu=cpu, memory=1 << 34, pods=50), Amount(cpu=most or cpu, memory=1 << 34, pods=50))


def pods(cpu: str = "1", *, name: str = "web", node: str = "", maximum: int | None = 1, **spec: Json) -> PodGroup:
    """Pods of one container that asks for `cpu`."""
    container = {"name": "c", "resources": {"requests": {"cpu": cpu}}}
    return PodGroup(name, "a", {"containers": [container], **spec}, node, 1, maximum, ORIGIN)


def verdict(*groups: PodGroup, pools: tuple[Pool, ...] = (pool(),)) -> tuple[Fit, str, str]:
    made: Placement = place(groups, pools, {})
    return made.packing.fit, made.packing.blocked, made.packing.reason


def test_pods_fit_where_nothing_else_decides() -> None:
    assert verdict(pods())[0] is Fit.ANY_ORDER


@pytest.mark.parametrize("node", ["", "system"])
def test_a_constraint_outside_the_proof_leaves_the_pod_undecided(node: str) -> None:
    found = verdict(pods(node=node, schedulerName="volcano"))
    assert found == (Fit.UNKNOWN, "a/web", "volcano places it, of which nothing is known")


def test_a_pod_on_a_port_of_the_node_is_undecided() -> None:
    container = {"name": "c", "ports": [{"containerPort": 80, "hostPort": 80}]}
    assert verdict(pods(containers=[container])) == (
        Fit.UNKNOWN,
        "a/web",
        "ports of the node (TCP 80) are not part of the proof",
    )


def test_daemon_sets_may_take_ports_of_the_node_but_not_the_same_one() -> None:
    container = {"name": "c", "ports": [{"containerPort": 9100, "hostPort": 9100}]}
    one = pods(name="one", node="system", containers=[container])
    assert verdict(one)[0] is Fit.ANY_ORDER
    assert verdict(one, pods(name="two", node="system", containers=[container])) == (
        Fit.UNKNOWN,
        "a/two",
        "port TCP 9100 of the nodes of pool system is taken by a/one as well",
    )


def test_a_daemon_set_without_room_on_its_node_cannot_fit_and_is_named() -> None:
    first, second = pods("3", name="first", node="system"), pods("2", name="second", node="system")
    assert verdict(first)[0] is Fit.ANY_ORDER
    assert verdict(first, second) == (
        Fit.CANNOT,
        "a/second",
        "its DaemonSet finds no room on the nodes of pool system, even empty ones",
    )
    assert verdict(first, second, pools=(pool(0),))[0] is Fit.ANY_ORDER


def test_pods_without_an_upper_bound_are_undecided_and_the_fewest_are_counted() -> None:
    assert verdict(pods(maximum=None)) == (Fit.UNKNOWN, "a/web", "nothing bounds the number of its pods")
    assert place([pods(maximum=None)], [pool()], {}).pods == 1
    assert verdict(pods("5", maximum=None))[0] is Fit.CANNOT


def test_a_pool_of_unknown_size_makes_nothing_impossible_but_what_is_too_large_for_its_nodes() -> None:
    pools = (pool(None),)
    assert verdict(pods(), pools=pools) == (Fit.UNKNOWN, "", "the size of pool system is known only after apply")
    assert verdict(pods("5"), pools=pools)[0] is Fit.CANNOT


def test_a_pod_that_selects_on_what_the_cluster_decides_is_undecided() -> None:
    found = verdict(pods(nodeSelector={"topology.kubernetes.io/zone": "eu-west-1a"}))
    assert found == (
        Fit.UNKNOWN,
        "a/web",
        "the pod selects on topology.kubernetes.io/zone, which is decided when a node of system starts",
    )


def test_pods_that_only_the_larger_instance_type_holds_are_undecided() -> None:
    fit, blocked, reason = verdict(pods("6"), pools=(pool(cpu=4000, most=8000),))
    assert (fit, blocked) == (Fit.UNKNOWN, "a/web#1")
    assert reason.startswith("depends on the instance types that AWS starts; on the least of them: too large")
    assert verdict(pods("9"), pools=(pool(cpu=4000, most=8000),))[0] is Fit.CANNOT


def test_containers_without_requests_take_what_the_namespace_gives_them() -> None:
    bare = pods(containers=[{"name": "c"}], maximum=5)
    assert place([bare], [pool()], {}).packing.fit is Fit.ANY_ORDER
    assert place([bare], [pool()], {"a": {"cpu": "1"}}).packing.fit is Fit.CANNOT
