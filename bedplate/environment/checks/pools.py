"""Cross-checks of node pools: instance types, zones, GPUs."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.device_path import check_device_path
from bedplate.environment.checks.inventory import check_inventory, check_nodes_once
from bedplate.environment.checks.karpenter import check_karpenter, check_karpenter_pool
from bedplate.environment.checks.managed_pools import check_managed
from bedplate.environment.checks.pool_capacity import check_reservations
from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.checks.sharing import check_sharing
from bedplate.environment.environment import AnyPoolSpec, Environment
from bedplate.environment.facts import Ec2Facts, KarpenterFacts, PoolFacts, ec2_facts
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.source import did_you_mean
from components.cluster.spec import ExistingClusterSpec
from components.inventory_pool.spec import InventoryPoolSpec
from components.karpenter.spec import KarpenterPoolSpec
from components.node_pool.spec import NodePoolSpec


def check_pools(resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """Every pool can be built, and there is one without GPUs for the cluster's own add-ons."""
    environment = resolved.environment
    for index, pool in enumerate(environment.node_pools):
        _kind(index, pool, environment, report)
        if isinstance(pool, InventoryPoolSpec):
            check_inventory(("nodePools", index), pool, resolved, catalog, report)
            continue
        if _known_types(index, pool, catalog, report):
            _same_hardware(index, pool, catalog, report)
            facts = ec2_facts(pool, catalog)
            _gpu_rules(index, facts, report)
            if isinstance(facts, KarpenterFacts):
                check_karpenter_pool(("nodePools", index), facts, resolved, catalog, report)
            elif isinstance(facts, PoolFacts):
                check_sharing(("nodePools", index), facts, catalog, report)
                check_device_path(("nodePools", index), facts, resolved, report)
                check_managed(("nodePools", index), facts, resolved, catalog, report)
        _zones(index, pool, environment, report)
    check_nodes_once(resolved, report)
    check_reservations(environment, report)
    check_karpenter(resolved, report)
    _common(environment, report)


def _common(environment: Environment, report: Reporter) -> None:
    """Pods that ask for nothing special find a node at once: one of a pool without taints that starts with nodes."""
    common = [pool for pool in environment.node_pools if pool.role in ("system", "general")]
    if not common:
        message = (
            "no pool has the role system or general: CoreDNS and the controllers would have no node without taints"
        )
        machine = "an instance type" if environment.aws else "a server"
        report.add(("nodePools",), message, hint=f"add a pool with role: system and {machine} without GPUs")
    elif all(any(taint.effect != "PreferNoSchedule" for taint in pool.taints) for pool in common):
        message = "no pool with the role system or general is without taints: CoreDNS and the controllers need one"
        report.add(("nodePools",), message, hint=f"take the taints of {common[0].name} away, or add a pool without")
    elif all(isinstance(pool, NodePoolSpec) and pool.size.desired == 0 for pool in common):
        message = "no pool with the role system or general starts with nodes: CoreDNS and the controllers need one"
        report.add(("nodePools",), message, hint=f"set size.desired of {common[0].name} to 1 or more")


def _kind(index: int, pool: AnyPoolSpec, environment: Environment, report: Reporter) -> None:
    """Nodes are made in an account, and found in a cluster that is there."""
    there = isinstance(environment.cluster, ExistingClusterSpec)
    if isinstance(pool, InventoryPoolSpec) != there:
        message = f"provisioner {pool.provisioner} does not go with a cluster of kind {environment.cluster.kind}"
        report.add(
            ("nodePools", index, "provisioner"), message, allowed=("inventory",) if there else ("managed", "karpenter")
        )


def _known_types(index: int, pool: NodePoolSpec | KarpenterPoolSpec, catalog: Catalog, report: Reporter) -> bool:
    known = True
    for position, name in enumerate(pool.instance_types):
        if name not in catalog.instance_types:
            hint = did_you_mean(name, catalog.instance_types) or "add a row to the catalogue with its source"
            report.add(
                ("nodePools", index, "instanceTypes", position), f"{name!r} is not a known instance type", hint=hint
            )
            known = False
        elif catalog.instance_types[name].max_pods(prefix_delegation=False) is None:
            message = f"the network interfaces of {name} are unknown, and with them how many pods a node takes"
            hint = "add a row to the catalogue with its source"
            report.add(("nodePools", index, "instanceTypes", position), message, hint=hint)
            known = False
    return known


def _same_hardware(index: int, pool: NodePoolSpec | KarpenterPoolSpec, catalog: Catalog, report: Reporter) -> None:
    first = catalog.instance_types[pool.instance_types[0]]
    for position, name in enumerate(pool.instance_types[1:], start=1):
        other = catalog.instance_types[name]
        path = ("nodePools", index, "instanceTypes", position)
        if (other.gpu, other.gpu_count) != (first.gpu, first.gpu_count):
            message = (
                f"{name} has {_gpus(other.gpu, other.gpu_count)}, but {first.name} has "
                f"{_gpus(first.gpu, first.gpu_count)}: a pool's nodes must be interchangeable"
            )
            report.add(path, message, hint="make a pool of its own for each kind of GPU")
        elif other.architecture != first.architecture:
            message = (
                f"{name} is {other.architecture}, but {first.name} is {first.architecture}: one AMI serves the pool"
            )
            report.add(path, message, hint="make a pool of its own for each architecture")


def _gpu_rules(index: int, facts: Ec2Facts, report: Reporter) -> None:
    pool = facts.pool
    if facts.gpu is None:
        if pool.sharing is not None:
            report.add(
                ("nodePools", index, "sharing"), f"{facts.instance.name} has no GPU to share", hint="remove sharing"
            )
        if pool.role in ("inference", "training"):
            message = f"role {pool.role} needs GPUs, and {facts.instance.name} has none"
            report.add(("nodePools", index, "role"), message, allowed=("system", "general"))
    elif pool.role in ("system", "general"):
        message = f"role {pool.role} is for pods without GPUs, and {facts.instance.name} has {facts.gpu.name}"
        report.add(("nodePools", index, "role"), message, allowed=("inference", "training"))


def _zones(index: int, pool: NodePoolSpec | KarpenterPoolSpec, environment: Environment, report: Reporter) -> None:
    for position, zone in enumerate(pool.zones):
        if zone not in environment.zones:
            report.add(
                ("nodePools", index, "zones", position),
                f"{zone!r} is not one of the environment's zones",
                allowed=environment.zones,
            )


def _gpus(name: str | None, count: int) -> str:
    return f"{count} × {name}" if name else "no GPU"
