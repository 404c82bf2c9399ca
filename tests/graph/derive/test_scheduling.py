"""Labels and taints: where pods may run, and on which nodes a DaemonSet puts one."""

from __future__ import annotations

import pytest

from bedplate.graph.derive.results import Replicas
from bedplate.graph.derive.scheduling import NodeShape, daemon_doubts, daemon_pods, doubts, refusals
from bedplate.graph.values import Json

GPU_TAINT = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
GPU = NodeShape("l4", {"pool": "l4", "gpus": "4"}, (GPU_TAINT,))
SYSTEM = NodeShape("system", {"pool": "system"})


def required(*terms: Json) -> Json:
    """A pod spec with these terms of required node affinity."""
    selector = {"nodeSelectorTerms": list(terms)}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": selector}}}


def expression(key: str, operator: str, *values: str) -> Json:
    """A term of one expression."""
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        ({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}, True),
        ({"key": "nvidia.com/gpu", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "nvidia.com/gpu", "operator": "Equal", "value": "true", "effect": "NoSchedule"}, True),
        ({"key": "nvidia.com/gpu", "value": "true"}, True),
        ({"key": "nvidia.com/gpu", "value": "false"}, False),
        ({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "other", "operator": "Exists"}, False),
        ({"value": "true"}, False),
    ],
)
def test_a_toleration_lets_a_pod_onto_a_tainted_node_only_where_it_matches(toleration: Json, tolerated: bool) -> None:
    assert (refusals({"tolerations": [toleration]}, GPU) == ()) is tolerated


def test_a_taint_that_only_prefers_keeps_nobody_away() -> None:
    node = NodeShape("soft", {}, ({"key": "x", "effect": "PreferNoSchedule"},))
    assert refusals({}, node) == ()


def test_every_reason_against_a_node_is_given() -> None:
    spec = {"nodeSelector": {"pool": "h100", "zone": "a"}, **required(expression("pool", "In", "h100"))}
    assert refusals(spec, GPU) == (
        "the pod wants node label pool=h100, the node has pool=l4",
        "the pod wants node label zone=a, the node has no label zone",
        "no term of the pod's required node affinity matches the node's labels",
        "the pod does not tolerate the taint nvidia.com/gpu=true:NoSchedule",
    )


@pytest.mark.parametrize(
    ("terms", "matches"),
    [
        ([expression("pool", "In", "l4", "system")], True),
        ([expression("pool", "NotIn", "system")], False),
        ([expression("absent", "NotIn", "x")], True),
        ([expression("gpus", "Exists")], False),
        ([expression("gpus", "DoesNotExist")], True),
        ([expression("gpus", "Exists"), expression("pool", "In", "system")], True),
        ([expression("pool", "Near", "system")], False),
        ([{}], False),
        ([], False),
    ],
)
def test_required_node_affinity_needs_one_term_that_matches(terms: list[Json], matches: bool) -> None:
    assert (refusals(required(*terms), SYSTEM) == ()) is matches


@pytest.mark.parametrize(("operator", "than", "matches"), [("Gt", "3", True), ("Gt", "4", False), ("Lt", "5", True)])
def test_affinity_compares_labels_as_numbers(operator: str, than: str, matches: bool) -> None:
    spec = {**required(expression("gpus", operator, than)), "tolerations": [{"operator": "Exists"}]}
    assert (refusals(spec, GPU) == ()) is matches
    assert refusals(required(expression("pool", operator, than)), SYSTEM) != ()


ZONED = NodeShape("zoned", {"pool": "zoned"}, undecided=frozenset({"zone"}))


@pytest.mark.parametrize(
    "spec",
    [
        {"nodeSelector": {"zone": "a"}},
        required(expression("zone", "In", "a")),
        required(expression("zone", "NotIn", "a")),
        required(expression("pool", "In", "other"), expression("zone", "In", "a")),
        required({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["zoned-1"]}]}),
    ],
)
def test_a_pod_that_selects_on_what_the_cluster_decides_is_neither_refused_nor_allowed(spec: Json) -> None:
    assert refusals(spec, ZONED) == ()
    assert len(doubts(spec, ZONED)) == 1


@pytest.mark.parametrize(
    ("spec", "allowed"),
    [
        (required(expression("zone", "Exists")), True),
        (required(expression("zone", "DoesNotExist")), False),
        (required(expression("zone", "In", "a"), expression("pool", "In", "zoned")), True),
        ({"nodeSelector": {"zone": "a", "pool": "other"}}, False),
    ],
)
def test_an_undecided_label_leaves_no_doubt_where_something_else_decides(spec: Json, allowed: bool) -> None:
    assert (refusals(spec, ZONED) == ()) is allowed
    assert doubts(spec, ZONED) == ()


def daemon(**spec: Json) -> Json:
    """A DaemonSet whose pods have this spec."""
    template = {"metadata": {"labels": {"app": "agent"}}, "spec": {"containers": [{"name": "agent"}], **spec}}
    return {
        "kind": "DaemonSet",
        "metadata": {"name": "agent", "namespace": "kube-system"},
        "spec": {"template": template},
    }


def test_a_daemon_set_runs_one_pod_on_each_node_it_tolerates() -> None:
    assert [pod.node for pod in daemon_pods(daemon(), [GPU, SYSTEM])] == ["system"]
    everywhere = daemon_pods(daemon(tolerations=[{"operator": "Exists"}]), [GPU, SYSTEM])
    assert [(pod.node, pod.replicas) for pod in everywhere] == [("l4", Replicas(1, 1)), ("system", Replicas(1, 1))]
    assert {pod.owner for pod in everywhere} == {"DaemonSet kube-system/agent"}


def test_a_daemon_set_keeps_to_the_nodes_it_selects() -> None:
    given = daemon(nodeSelector={"pool": "l4"}, tolerations=[{"operator": "Exists"}])
    assert [pod.node for pod in daemon_pods(given, [GPU, SYSTEM])] == ["l4"]


def test_daemon_pods_stay_on_nodes_in_trouble_and_on_the_host_network_before_there_is_a_network() -> None:
    for host_network, count in ((False, 6), (True, 7)):
        (pod,) = daemon_pods(daemon(hostNetwork=host_network), [SYSTEM])
        assert len(pod.manifest["spec"]["tolerations"]) == count
    assert {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"} in (
        pod.manifest["spec"]["tolerations"]
    )


def test_a_daemon_set_that_selects_a_label_of_no_known_pool_is_in_doubt_and_gets_no_pod() -> None:
    given = daemon(nodeSelector={"deploy.example.org/agent": "true"})
    assert daemon_pods(given, [SYSTEM]) == ()
    assert daemon_doubts(given, [SYSTEM]) == (
        "the pod selects on deploy.example.org/agent, which no pool is known to carry",
    )
    wanted = daemon(**required(expression("deploy.example.org/agent", "In", "true")))
    assert daemon_doubts(wanted, [SYSTEM]) == daemon_doubts(given, [SYSTEM])


def test_a_daemon_set_without_pods_is_in_no_doubt_where_pools_carry_the_label_with_another_value() -> None:
    assert daemon_doubts(daemon(nodeSelector={"pool": "h100"}), [SYSTEM]) == ()


def test_a_daemon_set_that_selects_on_what_the_cluster_decides_is_in_doubt() -> None:
    given = daemon(nodeSelector={"zone": "a"})
    assert daemon_pods(given, [ZONED]) == ()
    assert daemon_doubts(given, [ZONED]) == ("the pod selects on zone, which is decided when a node of zoned starts",)
