"""Cross-checks of how pods ask for a pool's GPUs: claims need nodes, Kubernetes and sharing that know them."""

from __future__ import annotations

from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.facts import NodeFacts, PoolFacts
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.units.version import version_key

# resource.k8s.io/v1 is served, and on, from this minor (Kubernetes, "Dynamic Resource Allocation"); NVIDIA's driver
# 0.5.0 asks for 1.34.2 and newer.
DRA_KUBERNETES = "1.34"
# NVIDIA DRA driver 0.5.0, "Prerequisites": GPU allocation.
DRA_DRIVER_MINIMUM = "565"


def check_device_path(path: Path, facts: NodeFacts, resolved: ResolvedEnvironment, report: Reporter) -> None:
    """The pool at `path` has its GPUs claimed only where that works."""
    if not facts.dra:
        return
    place = (*path, "devicePath")
    if facts.gpu is None:
        report.add(place, f"{facts.machine.name} has no GPU to claim", hint="leave it out")
        return
    nodes = facts.pool.kubernetes if isinstance(facts, PoolFacts) else None
    for where, version in (("the control plane", resolved.baseline.kubernetes), ("the pool", nodes)):
        if version is not None and version_key(version) < version_key(DRA_KUBERNETES):
            report.add(place, f"claims need Kubernetes {DRA_KUBERNETES} or newer, and {where} has {version}")
    if isinstance(facts, PoolFacts) and facts.pool.ami.family == "bottlerocket":
        message = "Bottlerocket's own device plugin offers the GPUs already: both would give each of them away"
        report.add(place, message, hint="set ami.family: al2023, or devicePath: devicePlugin")
    _sharing(path, facts, report)


def _sharing(path: Path, facts: NodeFacts, report: Reporter) -> None:
    if facts.shares_per_gpu > 1:
        message = "sharing by time is the device plugin's: claims give a GPU to one pod"
        report.add((*path, "sharing", "timeSlicing"), message, hint="use mig, or devicePath: devicePlugin")
    mig = facts.sharing.mig if facts.sharing else None
    if mig is not None and mig.strategy == "single":
        message = "claims name the profile of an instance: no strategy can call it a GPU"
        report.add((*path, "sharing", "mig"), message, hint="set strategy: mixed")
