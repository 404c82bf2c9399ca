"""Are the health gates of an environment open? Pure: what the cluster says comes in, a verdict for each gate goes out.

Verdicts are three: what could not be observed is unknown, and unknown is never open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.devices import DRA_DRIVER
from bedplate.environment.declared import DRIVER_FROM, UPGRADE_STATE, differences, is_witnessed
from bedplate.environment.environment import AnyPoolSpec, Environment
from bedplate.environment.facts import node_facts, nodes_of
from bedplate.units.quantity import parse_quantity
from components.gpu_baseline.gates import GATES, Gate

_ACCELERATORS = "AcceleratedHardwareReady"
_VENDOR = "nvidia.com/"
_INSTALLED = "upgrade-done"

Verdict = Literal["open", "closed", "unknown"]
Object = Mapping[str, Any]
"""A Kubernetes object as the API server writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was seen: nodes with GPUs, the DaemonSets of the GPU agents, ResourceSlices where pods claim GPUs, and how
    many series each PromQL query gave.

    None stands for what could not be read, and so does a query that is missing. `heard` are the nodes that Prometheus
    has each metric of, with an empty name for series that name none: no failure is told where nobody tells anything.
    `discovered` are the labels that GPU
    feature discovery found, by node; None where it does not run, and what it has not looked at is missing.
    """

    nodes: Sequence[Object] | None
    daemon_sets: Sequence[Object] | None
    slices: Sequence[Object] | None = ()
    series: Mapping[str, int] = field(default_factory=dict)
    heard: Mapping[str, Collection[str]] = field(default_factory=dict)
    discovered: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class GateResult:
    """How one gate stands; `reasons` name what keeps it closed, or why nobody can tell."""

    gate: Gate
    verdict: Verdict
    reasons: tuple[str, ...] = ()


def minimum_gpus(environment: Environment, catalog: Catalog) -> int:
    """GPUs that ready nodes must offer: what the environment asks for, else what its pools offer at their smallest."""
    asked = environment.gpu_baseline.health.minimum_gpus
    if asked is not None:
        return asked
    return sum(nodes_of(pool)[0] * _gpus_of_a_node(pool, catalog) for pool in environment.node_pools)


def _gpus_of_a_node(pool: AnyPoolSpec, catalog: Catalog) -> int:
    """What a node of `pool` offers of its GPUs."""
    facts = node_facts(pool, catalog)
    assert facts is not None  # cross-checked
    return sum(facts.offers.values())


def judge(names: Sequence[str], observed: Observed, *, minimum: int) -> tuple[GateResult, ...]:
    """A result for each gate of `names`; `minimum` is the number of GPUs for minimumGpus."""
    return tuple(_judge(GATES[name], observed, minimum) for name in names)


def _judge(gate: Gate, observed: Observed, minimum: int) -> GateResult:
    if gate.told_by == "prometheus":
        return _told_by_prometheus(gate, observed)
    if gate.told_by == "daemonSets":
        if not observed.daemon_sets:
            return GateResult(gate, "unknown", ("no DaemonSet of the GPU agents could be read",))
        return _result(gate, [text for item in observed.daemon_sets for text in _behind(item)])
    if observed.nodes is None:
        return GateResult(gate, "unknown", ("the nodes could not be read",))
    if gate.name == "nodesAsDeclared":
        return _as_declared(gate, observed.nodes, observed.discovered)
    if gate.name == "driversInstalled":
        return _drivers(gate, observed.nodes)
    if gate.name == "minimumGpus":
        if observed.slices is None:
            return GateResult(gate, "unknown", ("the ResourceSlices could not be read",))
        ready = [node for node in observed.nodes if not list(_not_ready(node))]
        offered = sum(_offered(node) + _claimable(node, observed.slices) for node in ready)
        return _result(gate, [f"ready nodes offer {offered} GPUs, fewer than {minimum}"] if offered < minimum else [])
    if gate.name == "acceleratorsReady":
        silent = [_name(node) for node in observed.nodes if _condition(node, _ACCELERATORS) not in ("True", "False")]
        if silent:
            return GateResult(gate, "unknown", (f"no condition {_ACCELERATORS} on {', '.join(silent)}",))
        broken = [node for node in observed.nodes if _condition(node, _ACCELERATORS) == "False"]
        return _result(gate, [f"accelerators of {_name(node)} are not ready" for node in broken])
    return _result(gate, [text for node in observed.nodes for text in _not_ready(node)])


def _told_by_prometheus(gate: Gate, observed: Observed) -> GateResult:
    """Open where the query finds nothing and every node with GPUs is heard of: a silent exporter reports no failure."""
    count, heard = observed.series.get(gate.query), observed.heard.get(gate.metric)
    if count is None or heard is None:
        return GateResult(gate, "unknown", (f"Prometheus gave no answer to {gate.query}",))
    if count:
        return GateResult(gate, "closed", (f"{count} series of {gate.query}",))
    silent = [] if "" in heard else [_name(node) for node in observed.nodes or () if _name(node) not in heard]
    if silent or not heard:
        whose = f" of {', '.join(silent)}" if silent else ""
        return GateResult(gate, "unknown", (f"Prometheus has no {gate.metric}{whose}",))
    return GateResult(gate, "open")


def _as_declared(gate: Gate, nodes: Sequence[Object], discovered: Mapping[str, Mapping[str, str]] | None) -> GateResult:
    found = discovered or {}
    wrong = [text for node in nodes for text in differences(node, found.get(_name(node)))]
    if wrong or discovered is None:
        return _result(gate, wrong)
    silent = [_name(node) for node in nodes if is_witnessed(node) and _name(node) not in found]
    if silent:
        return GateResult(gate, "unknown", (f"GPU feature discovery says nothing of {', '.join(silent)}",))
    return _result(gate, [])


def _drivers(gate: Gate, nodes: Sequence[Object]) -> GateResult:
    """Closed while the operator is at work on a node, or has failed; unknown where it says nothing of one."""
    states = {_name(node): _labels(node).get(UPGRADE_STATE, "") for node in nodes if DRIVER_FROM in _labels(node)}
    busy = [f"the driver of {name} is at {state}" for name, state in states.items() if state not in ("", _INSTALLED)]
    silent = [name for name, state in states.items() if not state]
    if silent and not busy:
        return GateResult(gate, "unknown", (f"the GPU Operator says nothing of {', '.join(silent)}",))
    return _result(gate, busy)


def _labels(node: Object) -> Mapping[str, str]:
    labels: Mapping[str, str] = node["metadata"].get("labels", {})
    return labels


def _result(gate: Gate, reasons: Sequence[str]) -> GateResult:
    return GateResult(gate, "closed" if reasons else "open", tuple(reasons))


def _not_ready(node: Object) -> Iterator[str]:
    if _condition(node, "Ready") != "True":
        yield f"{_name(node)} is not Ready"
    if node.get("spec", {}).get("unschedulable"):
        yield f"{_name(node)} is closed to new pods"


def _behind(daemon_set: Object) -> Iterator[str]:
    """What a DaemonSet has not done yet: seen its newest template, updated its pods, got them ready."""
    status, metadata = daemon_set.get("status", {}), daemon_set["metadata"]
    wanted = status.get("desiredNumberScheduled", 0)
    updated, ready = status.get("updatedNumberScheduled", 0), status.get("numberReady", 0)
    if status.get("observedGeneration", 0) < metadata.get("generation", 0):
        yield f"DaemonSet {metadata['name']} has a template that its controller has not seen"
    elif updated < wanted:
        yield f"DaemonSet {metadata['name']} has updated {updated} of {wanted} pods"
    elif ready < wanted:
        yield f"DaemonSet {metadata['name']} has {ready} of {wanted} pods ready"


def _offered(node: Object) -> int:
    allocatable = node.get("status", {}).get("allocatable", {})
    return sum(int(parse_quantity(str(value))) for name, value in allocatable.items() if name.startswith(_VENDOR))


def _claimable(node: Object, slices: Sequence[Object]) -> int:
    """GPUs and instances that pods can claim on `node`."""
    own = (each["spec"] for each in slices if each["spec"].get("nodeName") == _name(node))
    return sum(len(spec.get("devices") or ()) for spec in own if spec["driver"] == DRA_DRIVER)


def _condition(node: Object, kind: str) -> str:
    conditions = node.get("status", {}).get("conditions", ())
    return next((str(each["status"]) for each in conditions if each["type"] == kind), "")


def _name(node: Object) -> str:
    return str(node["metadata"]["name"])
