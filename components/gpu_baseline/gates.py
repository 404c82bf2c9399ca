"""Health gates of GPU nodes: what must hold before the next step of an upgrade, and how each is told. Data only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import yaml

GateName = Literal[
    "nodesReady",
    "acceleratorsReady",
    "agentsReady",
    "minimumGpus",
    "nodesAsDeclared",
    "driversInstalled",
    "dcgmHealthy",
    "noXid",
]
Evaluator = Literal["nodes", "daemonSets", "prometheus"]


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate: whether it is told from Node objects, DaemonSets or Prometheus; and what must hold, in words.

    `query` is a PromQL expression that is empty (no series) when the gate is open. `metric` is the DCGM field that it
    reads, so that a gate without its metric is noticed.
    """

    name: GateName
    told_by: Evaluator
    holds: str
    query: str = ""
    metric: str = ""


_ALL = (
    Gate("nodesReady", "nodes", "every node is Ready, and pods may be scheduled on it"),
    Gate(
        "acceleratorsReady",
        "nodes",
        "every node has the condition AcceleratedHardwareReady, which eks-node-monitoring-agent sets, and it is true",
    ),
    Gate("agentsReady", "daemonSets", "every pod of the GPU agents is of the newest template and ready"),
    Gate("minimumGpus", "nodes", "ready nodes together offer no fewer GPUs than are asked for"),
    Gate(
        "nodesAsDeclared",
        "nodes",
        "every node has the GPUs, and the system where it is stated, that its pool declares; also by what GPU feature "
        "discovery found, where that runs",
    ),
    Gate(
        "driversInstalled",
        "nodes",
        "the GPU Operator says upgrade-done of every node that it installs a driver on",
    ),
    Gate(
        "dcgmHealthy",
        "prometheus",
        "DCGM's health checks find no failure on any GPU",
        query="DCGM_EXP_GPU_HEALTH_STATUS >= 20",
        metric="DCGM_EXP_GPU_HEALTH_STATUS",
    ),
    Gate(
        "noXid",
        "prometheus",
        "no GPU reported another XID error in the last ten minutes",
        query="changes(DCGM_FI_DEV_XID_ERRORS[10m]) > 0",
        metric="DCGM_FI_DEV_XID_ERRORS",
    ),
)
GATES: Mapping[str, Gate] = MappingProxyType({gate.name: gate for gate in _ALL})
"""Every gate by its name."""


def gates_file(names: Iterable[GateName], *, settle_minutes: int, minimum_gpus: int, prometheus: str | None) -> str:
    """The gates as YAML, for people and programs that look at the cluster rather than at the environment file."""
    gates = [_entry(GATES[name], minimum_gpus) for name in names]
    data = {"settleMinutes": settle_minutes, **({"prometheus": prometheus} if prometheus else {}), "gates": gates}
    return yaml.safe_dump(data, sort_keys=False)


def _entry(gate: Gate, minimum_gpus: int) -> dict[str, object]:
    entry: dict[str, object] = {"name": gate.name, "toldBy": gate.told_by, "holds": gate.holds}
    if gate.name == "minimumGpus":
        entry["atLeast"] = minimum_gpus
    return entry | ({"query": gate.query} if gate.query else {})
