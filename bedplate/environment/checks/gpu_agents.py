"""Cross-check of add-ons beside gpuBaseline: every GPU agent, and every label of a node, has one writer."""

from __future__ import annotations

from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.driver import operator_pools
from bedplate.environment.environment import Environment

OPERATOR = "gpu-operator"
# Charts that bring an agent which gpuBaseline makes: two of them would offer the same devices twice.
_RIVALS = ("aws-efa-k8s-device-plugin", "dcgm-exporter", "dra-driver-nvidia-gpu", "nvidia-device-plugin")
_DISCOVERY = "node-feature-discovery"


def check_gpu_agents(environment: Environment, report: Reporter) -> None:
    """No add-on runs what gpuBaseline runs, or writes labels that pools declare."""
    bare = operator_pools(environment)
    for index, addon in enumerate(environment.addons):
        path = ("addons", index, "name")
        if addon.name in _RIVALS:
            message = f"{addon.name} brings agents that gpuBaseline runs: the same devices would be offered twice"
            report.add(path, message, hint="leave the add-on out")
        elif addon.name == OPERATOR and not bare:
            message = (
                "gpu-operator has nothing to do: nodes of every pool carry their driver, and agents are gpuBaseline's"
            )
            report.add(path, message, hint="leave the add-on out, or say driver: none of the pool that carries none")
        elif addon.name == _DISCOVERY and (bare or environment.gpu_baseline.feature_discovery == "compare"):
            message = "node-feature-discovery writes labels of nodes that pools declare: each has one writer"
            report.add(path, message, hint="leave the add-on out")
