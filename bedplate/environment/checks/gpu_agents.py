"""Cross-check of add-ons beside gpuBaseline: every GPU agent has one writer."""

from __future__ import annotations

from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.environment import Environment

# Charts that bring an agent which gpuBaseline makes: two of them would offer the same devices twice.
_RIVALS = ("aws-efa-k8s-device-plugin", "dcgm-exporter", "gpu-operator", "nvidia-device-plugin")


def check_gpu_agents(environment: Environment, report: Reporter) -> None:
    """No add-on runs what gpuBaseline runs."""
    for index, addon in enumerate(environment.addons):
        if addon.name in _RIVALS:
            message = f"{addon.name} brings agents that gpuBaseline runs: the same devices would be offered twice"
            report.add(("addons", index, "name"), message, hint="leave the add-on out")
