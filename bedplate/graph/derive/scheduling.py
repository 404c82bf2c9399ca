"""Which nodes a pod may run on, as far as labels and taints decide; and the pods of DaemonSets.

Room on a node is not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bedplate.graph.derive.results import DerivedPod, Replicas, describe
from bedplate.graph.derive.workloads import pod_of
from bedplate.graph.values import Json, get

DAEMONS = "DaemonSet controller"

# The DaemonSet controller lets its pods stay on nodes in trouble (pkg/controller/daemon/util of Kubernetes).
_DAEMON_TOLERATIONS = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)
_REQUIRED_TERMS = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
_NETWORK_TOLERATION = ("node.kubernetes.io/network-unavailable", "NoSchedule")


@dataclass(frozen=True, slots=True)
class NodeShape:
    """Nodes that are alike, as those of one node pool: the labels and taints every one of them carries.

    A taint has `key`, `effect` and perhaps `value`, as in a Node. `undecided` are keys of labels that every node will
    carry with a value that only the running cluster tells, as its zone or its host name.
    """

    name: str
    labels: Mapping[str, str]
    taints: Sequence[Json] = ()
    undecided: frozenset[str] = frozenset()


def refusals(pod_spec: Json, node: NodeShape) -> tuple[str, ...]:
    """Why a pod of this spec may not run on `node`, for people; empty if labels and taints allow it, or may allow it.

    See `doubts` for what is not decided yet.
    """
    return tuple(_refusals(pod_spec, node))


def is_refused(pod_spec: Json, node: NodeShape) -> bool:
    """Whether there are `refusals`: most pods select one pool of many, so that the first reason is soon found."""
    return next(_refusals(pod_spec, node), None) is not None


def _refusals(pod_spec: Json, node: NodeShape) -> Iterator[str]:
    for key, value in sorted((pod_spec.get("nodeSelector") or {}).items()):
        if key not in node.undecided and node.labels.get(key) != value:
            has = f"{key}={node.labels[key]}" if key in node.labels else f"no label {key}"
            yield f"the pod wants node label {key}={value}, the node has {has}"
    if _affinity_matches(pod_spec, node) is False:
        yield "no term of the pod's required node affinity matches the node's labels"
    for taint in node.taints:
        if taint["effect"] != "PreferNoSchedule" and not tolerates(pod_spec, taint):
            value = f"={taint['value']}" if taint.get("value") else ""
            yield f"the pod does not tolerate the taint {taint['key']}{value}:{taint['effect']}"


def doubts(pod_spec: Json, node: NodeShape) -> tuple[str, ...]:
    """Why nobody can tell before the node exists whether a pod of this spec may run on it; empty if that is decided."""
    if is_refused(pod_spec, node):
        return ()
    late = sorted(key for key in pod_spec.get("nodeSelector") or {} if key in node.undecided)
    found = [f"the pod selects on {key}, which is decided when a node of {node.name} starts" for key in late]
    if _affinity_matches(pod_spec, node) is None:
        found.append(f"the pod's required node affinity asks for what is decided when a node of {node.name} starts")
    return tuple(found)


def tolerates(pod_spec: Json, taint: Json) -> bool:
    """Whether a toleration of the pod matches `taint`, however short the time it tolerates it for."""
    return any(_matches_taint(toleration, taint) for toleration in pod_spec.get("tolerations") or ())


def daemon_pods(daemon_set: Json, nodes: Iterable[NodeShape]) -> tuple[DerivedPod, ...]:
    """One pod for each shape of node that the DaemonSet is known to run on, in the order of `nodes`."""
    pod = _daemon_pod(daemon_set)
    spec, owner = pod["spec"], describe(daemon_set)
    chosen = [node.name for node in nodes if not (is_refused(spec, node) or doubts(spec, node))]
    _bind_to_node(spec)
    return tuple(DerivedPod(pod, DAEMONS, owner, Replicas(1, 1), name) for name in chosen)


def daemon_doubts(daemon_set: Json, nodes: Sequence[NodeShape]) -> tuple[str, ...]:
    """Why nobody can tell on which of `nodes` the DaemonSet runs pods; empty if that is decided.

    A label that no node is known to carry is a doubt as well: another controller may put it there.
    """
    spec = _daemon_pod(daemon_set)["spec"]
    absent = [f"the pod selects on {key}, which no pool is known to carry" for key in _unknown_labels(spec, nodes)]
    return (*absent, *(text for node in nodes for text in doubts(spec, node)))


def _daemon_pod(daemon_set: Json) -> dict[str, Json]:
    """The pod of a DaemonSet, with the tolerations that the controller adds."""
    pod: dict[str, Json] = pod_of(daemon_set)
    spec = pod["spec"]
    added = [*_DAEMON_TOLERATIONS, *([_NETWORK_TOLERATION] if spec.get("hostNetwork") else [])]
    given = spec.get("tolerations") or []
    more = [{"key": key, "operator": "Exists", "effect": effect} for key, effect in added]
    pod["spec"] = {**spec, "tolerations": [*given, *(each for each in more if each not in given)]}
    return pod


def _unknown_labels(pod_spec: Json, nodes: Sequence[NodeShape]) -> tuple[str, ...]:
    """Keys of labels that the pod looks for on its node and that none of `nodes` is known to carry, sorted."""
    wanted = set(pod_spec.get("nodeSelector") or {})
    for term in get(pod_spec, *_REQUIRED_TERMS) or ():
        expressions = term.get("matchExpressions") or ()
        wanted |= {item["key"] for item in expressions if item["operator"] not in ("NotIn", "DoesNotExist")}
    carried = {key for node in nodes for key in {*node.labels, *node.undecided}}
    return tuple(sorted(wanted - carried))


def _bind_to_node(spec: dict[str, Json]) -> None:
    """The controller has chosen the node itself: in place of the terms it writes the node's name, unknown here."""
    affinity = {**spec.get("affinity", {})}
    unknown_node: dict[str, Json] = {"requiredDuringSchedulingIgnoredDuringExecution": {}}
    affinity["nodeAffinity"] = {**affinity.get("nodeAffinity", {}), **unknown_node}
    spec["affinity"] = affinity


def _matches_taint(toleration: Json, taint: Json) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    any_value: bool = toleration.get("operator") == "Exists"
    if not toleration.get("key"):
        return any_value
    same_value: bool = toleration.get("value", "") == taint.get("value", "")
    return toleration["key"] == taint["key"] and (any_value or same_value)


def _affinity_matches(pod_spec: Json, node: NodeShape) -> bool | None:
    """Whether one term of the required node affinity matches `node`; None where only the running cluster tells."""
    terms = get(pod_spec, *_REQUIRED_TERMS)
    if terms is None:
        return True
    results = [_term_matches(term, node) for term in terms]
    if True in results:
        return True
    return None if None in results else False


def _term_matches(term: Json, node: NodeShape) -> bool | None:
    expressions = term.get("matchExpressions") or ()
    # An empty term matches nothing. A term on fields is about the node's name, which the cluster gives.
    if not expressions and not term.get("matchFields"):
        return False
    results = [_expression_matches(expression, node) for expression in expressions]
    if False in results:
        return False
    return None if None in results or term.get("matchFields") else True


def _expression_matches(expression: Json, node: NodeShape) -> bool | None:
    key, values, operator = expression["key"], list(expression.get("values") or ()), expression["operator"]
    if key in node.undecided and operator in ("In", "NotIn", "Gt", "Lt"):
        return None
    value, exists = node.labels.get(key), key in node.labels or key in node.undecided
    match operator:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return exists
        case "DoesNotExist":
            return not exists
        case "Gt":
            return value is not None and _number(value) > _number(values[0])
        case "Lt":
            return value is not None and _number(value) < _number(values[0])
    return False


def _number(text: str) -> float:
    return float(text) if text.lstrip("-").isdecimal() else float("nan")
