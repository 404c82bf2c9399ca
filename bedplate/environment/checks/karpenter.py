"""Cross-checks of pools that Karpenter keeps, and of Karpenter itself."""

from __future__ import annotations

import re

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.hardware import ADDRESSES_PER_PREFIX, InstanceType
from bedplate.environment.checks.pool_images import check_image
from bedplate.environment.checks.pool_nodes import GPU_TAINT, OWN_LABELS, check_taints_once
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.checks.sharing import check_sharing
from bedplate.environment.environment import Environment
from bedplate.environment.facts import KarpenterFacts
from bedplate.environment.karpenter import CONTROLLER, KINDS, chart_values
from bedplate.environment.limits import most_of
from bedplate.environment.resolve import ResolvedEnvironment
from components.karpenter.spec import KarpenterPoolSpec

# Domains of labels that Karpenter keeps for itself and for Kubernetes: its API, and its documentation of NodePools.
_RESERVED = re.compile(
    r"(?:[^/]*\.)?(?:kubernetes\.io|k8s\.io|karpenter\.sh|karpenter\.k8s\.aws|eks\.amazonaws\.com)/.*"
)


def check_karpenter_pool(
    path: Path, facts: KarpenterFacts, resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter
) -> None:
    """Karpenter and EC2 will take the pool as it is. Its instance types are all in the catalogue."""
    types = [catalog.instance_types[name] for name in facts.pool.instance_types]
    check_image(path, facts, resolved, catalog, report)
    _limits(path, facts.pool, types, report)
    _reservations(path, facts.pool, report)
    _sharing(path, facts, catalog, report)
    _marks(path, facts, report)
    _pods(path, facts.pool, types, resolved.environment, report)


def _limits(path: Path, pool: KarpenterPoolSpec, types: list[InstanceType], report: Reporter) -> None:
    limits = pool.limits
    if limits.gpus is not None and not types[0].gpu_count:
        message = f"{types[0].name} has no GPUs, of which there can be too many"
        report.add((*path, "limits", "gpus"), message, hint="limit nodes, cpu or memoryGib")
        return
    for position, instance in enumerate(types):
        if most_of(pool, instance) == 0:
            message = f"not one node of {instance.name} stays within the pool's limits"
            report.add((*path, "instanceTypes", position), message, hint="raise limits, or leave the type out")
    if pool.replicas is not None and limits.nodes is not None and limits.nodes <= pool.replicas:
        message = f"{limits.nodes} leave no room for the node that replaces one of {pool.replicas}: none ever would be"
        report.add((*path, "limits", "nodes"), message, hint=f"set it to {pool.replicas + 1} or more")


def _reservations(path: Path, pool: KarpenterPoolSpec, report: Reporter) -> None:
    if "reserved" in pool.capacity and not pool.reservations:
        message = "is required: reserved nodes start in capacity reservations, which are named by their ids"
        report.add((*path, "reservations"), message, hint="reservations: [cr-…]")
    elif pool.reservations and "reserved" not in pool.capacity:
        message = "no node would start there: capacity does not name reserved"
        report.add((*path, "reservations"), message, hint="add reserved to capacity")


def _sharing(path: Path, facts: KarpenterFacts, catalog: Catalog, report: Reporter) -> None:
    """Only where the number of nodes is fixed: else Karpenter counts whole GPUs to see how many it needs."""
    if facts.pool.sharing is not None and facts.pool.replicas is None:
        message = "Karpenter counts whole GPUs: it would start a node for every pod that wants a part of one"
        report.add((*path, "sharing"), message, hint="set replicas, or provisioner: managed")
        return
    check_sharing(path, facts, catalog, report)


def _marks(path: Path, facts: KarpenterFacts, report: Reporter) -> None:
    """Labels and taints are such as Karpenter takes, and none is one that the platform sets itself."""
    for key in facts.pool.labels:
        place = (*path, "labels", key)
        if _RESERVED.fullmatch(key):
            report.add(place, "Karpenter refuses labels of this domain", hint="use a domain of your own")
        elif OWN_LABELS.fullmatch(key):
            report.add(place, "is set by the platform, from what the pool is", hint="leave it out")
    check_taints_once((*path, "taints"), facts.pool.taints, report)
    for index, taint in enumerate(facts.pool.taints):
        place = (*path, "taints", index, "key")
        if taint.key.startswith("karpenter.sh/"):
            report.add(place, "taints with karpenter.sh/ belong to Karpenter", hint="use a domain of your own")
        elif facts.gpu is not None and (taint.key, taint.effect) == (GPU_TAINT, "NoSchedule"):
            report.add(place, f"pools with GPUs carry {GPU_TAINT}=true:NoSchedule by themselves", hint="leave it out")


def _pods(
    path: Path, pool: KarpenterPoolSpec, types: list[InstanceType], environment: Environment, report: Reporter
) -> None:
    """The network interfaces of every type have an address for each pod."""
    if pool.kubelet is None:
        return
    each = ADDRESSES_PER_PREFIX if environment.pods.prefix_delegation else 1
    for instance in types:
        assert instance.enis is not None  # cross-checked
        assert instance.ipv4_per_eni is not None
        addresses = instance.enis * (instance.ipv4_per_eni - 1) * each + 2
        if pool.kubelet.max_pods > addresses:
            message = f"{instance.name} has addresses for {addresses} pods, those on the host's network among them"
            hint = f"set {addresses} or less" if each > 1 else f"set {addresses} or less, or pods.prefixDelegation"
            report.add((*path, "kubelet", "maxPods"), message, hint=hint)
            return


def check_karpenter(resolved: ResolvedEnvironment, report: Reporter) -> None:
    """Where Karpenter keeps a pool, its charts are there, told what follows from the environment, and have nodes."""
    environment = resolved.environment
    if not environment.karpenter_pools:
        return
    keeps = f"Karpenter keeps pool {environment.karpenter_pools[0].name}"
    charts = [addon.name for addon in environment.addons if addon.source == "chart"]
    for name, what in ((KINDS, "its kinds"), (CONTROLLER, "its controller")):
        if name not in charts:
            hint = f"add {{name: {name}, source: chart, namespace: kube-system}}"
            report.add(("addons",), f"{keeps}, and no chart {name} brings {what}", hint=hint)
    if {KINDS, CONTROLLER} <= set(charts) and charts.index(CONTROLLER) < charts.index(KINDS):
        index = next(i for i, addon in enumerate(environment.addons) if addon.name == KINDS)
        message = f"stands behind {CONTROLLER}, which starts only where its kinds are"
        report.add(("addons", index, "name"), message, hint=f"write {KINDS} before {CONTROLLER}")
    _values(environment, report)
    if not any(pool.role in ("system", "general") for pool in environment.managed_pools):
        message = f"{keeps}, and its controller has no node that it did not start itself"
        report.add(("nodePools",), message, hint="add a managed pool with role: system")


def _values(environment: Environment, report: Reporter) -> None:
    """Nobody says otherwise about what follows from the environment."""
    derived = chart_values(environment)
    for index, addon in enumerate(environment.addons):
        if addon.source != "chart" or addon.name != CONTROLLER:
            continue
        for key in sorted(derived):
            written = report.written(("addons", index, "values", key))
            if written is not None and written != derived[key]:
                message = f"follows from the environment, and is {derived[key]!r}"
                report.add(("addons", index, "values", key), message, hint="leave it out")
