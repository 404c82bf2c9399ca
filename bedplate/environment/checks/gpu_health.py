"""Cross-checks of health gates: each can be told, and nothing is said that no gate reads."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.driver import operator_pools
from bedplate.environment.environment import Environment
from bedplate.environment.facts import node_facts, nodes_of
from components.gpu_baseline.gates import GATES
from components.gpu_baseline.metrics import fields_of

_PATH: Path = ("gpuBaseline", "health")
_AGENT = "eks-node-monitoring-agent"


def check_gpu_health(environment: Environment, catalog: Catalog, report: Reporter) -> None:
    """Every gate of the environment can be told open or closed."""
    _told_by_prometheus(environment, report)
    _told_by_conditions(environment, report)
    _told_by_the_operator(environment, report)
    _minimum(environment, catalog, report)


def _told_by_prometheus(environment: Environment, report: Reporter) -> None:
    health = environment.gpu_baseline.health
    published = fields_of(environment.gpu_baseline.metrics)
    asking = [(index, GATES[name]) for index, name in enumerate(health.gates) if GATES[name].query]
    for index, gate in asking:
        path = (*_PATH, "gates", index)
        if health.prometheus is None:
            message = f"{gate.name} is told by Prometheus, and no address of one is given"
            report.add(path, message, hint="set gpuBaseline.health.prometheus, or leave the gate out")
        if gate.metric not in published:
            message = f"{gate.name} reads {gate.metric}, which dcgm-exporter does not publish"
            report.add(path, message, hint="add the set health to gpuBaseline.metrics")
    if health.prometheus is not None and not asking:
        gates = tuple(gate.name for gate in GATES.values() if gate.query)
        report.add((*_PATH, "prometheus"), "no gate asks it", hint=f"add one of {', '.join(gates)} to gates")


def _told_by_conditions(environment: Environment, report: Reporter) -> None:
    gates = list(environment.gpu_baseline.health.gates)
    if "acceleratorsReady" in gates and _AGENT not in {addon.name for addon in environment.addons}:
        message = f"acceleratorsReady reads a condition that the add-on {_AGENT} sets, and there is none"
        hint = f"add {{name: {_AGENT}, source: eks}} to addons"
        report.add((*_PATH, "gates", gates.index("acceleratorsReady")), message, hint=hint)


def _told_by_the_operator(environment: Environment, report: Reporter) -> None:
    gates = list(environment.gpu_baseline.health.gates)
    if "driversInstalled" in gates and not operator_pools(environment):
        message = "driversInstalled is told by the GPU Operator, and no pool has nodes without a driver"
        report.add((*_PATH, "gates", gates.index("driversInstalled")), message, hint="leave the gate out")
    if environment.gpu_baseline.feature_discovery == "compare" and "nodesAsDeclared" not in gates:
        hint = "add nodesAsDeclared to gpuBaseline.health.gates"
        report.add(("gpuBaseline", "featureDiscovery"), "no gate compares what it finds", hint=hint)


def _minimum(environment: Environment, catalog: Catalog, report: Reporter) -> None:
    health = environment.gpu_baseline.health
    if health.minimum_gpus is None:
        return
    path = (*_PATH, "minimumGpus")
    if "minimumGpus" not in health.gates:
        report.add(path, "no gate holds it", hint="add minimumGpus to gates")
    offered = 0
    for pool in environment.node_pools:
        facts = node_facts(pool, catalog)
        offered += nodes_of(pool)[1] * sum(facts.offers.values()) if facts else 0
    if health.minimum_gpus > offered:
        message = f"{health.minimum_gpus} is more than the {offered} GPUs that all pools offer at their desired size"
        report.add(path, message)
