"""Which nodes a pod may run on, as far as labels and taints decide; and the pods of DaemonSets.

Room on a node is not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
_NETWORK_TOLERATION = ("node.kubernetes.io/network-unavailable", "NoSchedule")


@dataclass(frozen=True, slots=True)
class NodeShape:
    """Nodes that are alike, as those of one node pool: the labels and taints every one of them carries.

    A taint has `key`, `effect` and perhaps `value`, as in a Node.
    """

    name: str
    labels: Mapping[str, str]
    taints: Sequence[Json] = ()


def refusals(pod_spec: Json, node: NodeShape) -> tuple[str, ...]:
    """Why a pod of this spec may not run on `node`, for people; empty if labels and taints allow it."""
    found = []
    for key, value in sorted((pod_spec.get("nodeSelector") or {}).items()):
        if node.labels.get(key) != value:
            has = f"{key}={node.labels[key]}" if key in node.labels else f"no label {key}"
            found.append(f"the pod wants node label {key}={value}, the node has {has}")
    affinity = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    terms = get(pod_spec, *affinity)
    if terms is not None and not any(_term_matches(term, node.labels) for term in terms):
        found.append("no term of the pod's required node affinity matches the node's labels")
    for taint in node.taints:
        if taint["effect"] != "PreferNoSchedule" and not tolerates(pod_spec, taint):
            value = f"={taint['value']}" if taint.get("value") else ""
            found.append(f"the pod does not tolerate the taint {taint['key']}{value}:{taint['effect']}")
    return tuple(found)


def tolerates(pod_spec: Json, taint: Json) -> bool:
    """Whether a toleration of the pod matches `taint`, however short the time it tolerates it for."""
    return any(_matches_taint(toleration, taint) for toleration in pod_spec.get("tolerations") or ())


def daemon_pods(daemon_set: Json, nodes: Iterable[NodeShape]) -> tuple[DerivedPod, ...]:
    """One pod for each shape of node that the DaemonSet runs on, in the order of `nodes`."""
    pod = pod_of(daemon_set)
    spec = pod["spec"]
    added = [*_DAEMON_TOLERATIONS, *([_NETWORK_TOLERATION] if spec.get("hostNetwork") else [])]
    given = spec.get("tolerations") or []
    more = [{"key": key, "operator": "Exists", "effect": effect} for key, effect in added]
    pod["spec"] = {**spec, "tolerations": [*given, *(each for each in more if each not in given)]}
    owner = describe(daemon_set)
    chosen = [node.name for node in nodes if not refusals(pod["spec"], node)]
    _bind_to_node(pod["spec"])
    return tuple(DerivedPod(pod, DAEMONS, owner, Replicas(1, 1), name) for name in chosen)


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


def _term_matches(term: Json, labels: Mapping[str, str]) -> bool:
    expressions = term.get("matchExpressions") or ()
    # A term on node names matches no declared shape: names are given by the cluster. An empty term matches nothing.
    if term.get("matchFields") or not expressions:
        return False
    return all(_expression_matches(expression, labels) for expression in expressions)


def _expression_matches(expression: Json, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), list(expression.get("values") or ())
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt":
            return value is not None and _number(value) > _number(values[0])
        case "Lt":
            return value is not None and _number(value) < _number(values[0])
    return False


def _number(text: str) -> float:
    return float(text) if text.lstrip("-").isdecimal() else float("nan")
