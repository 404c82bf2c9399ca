"""Cross-checks of pools of nodes that are there: the catalogue knows the machine, and each node is named once."""

from __future__ import annotations

import re

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.cuda import check_cuda
from bedplate.environment.checks.device_path import DRA_DRIVER_MINIMUM, check_device_path
from bedplate.environment.checks.pool_nodes import OWN_LABELS, check_taints_once
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.checks.sharing import check_sharing
from bedplate.environment.facts import NodeFacts, node_facts
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.source import did_you_mean
from bedplate.units.version import version_key
from components.inventory_pool.spec import NO_DRIVER, InventoryPoolSpec

# Kubernetes, "Well-Known Labels, Annotations and Taints": those that the kubelet writes.
_OF_THE_KUBELET = re.compile(r"(?:beta\.)?kubernetes\.io/(?:arch|hostname|os)")


def check_inventory(
    path: Path, pool: InventoryPoolSpec, resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter
) -> None:
    """The machines are known, and carry what their GPUs and the runtime need."""
    if not pool.nodes:
        hint = "name its nodes here, or under nodes in the site's file"
        report.add((*path, "nodes"), "no node is named", hint=hint)
    _marks(path, pool, report)
    facts = node_facts(pool, catalog)
    if facts is None:
        hint = did_you_mean(pool.server, catalog.servers) or "add a row to extensions/catalog/servers.yaml"
        message = f"{pool.server!r} is not a known server"
        report.add((*path, "server"), message, allowed=tuple(catalog.servers), hint=hint)
        return
    check_sharing(path, facts, catalog, report)
    check_device_path(path, facts, resolved, report)
    if facts.gpu is not None and facts.gpu_memory_mib is None:
        report.add((*path, "server"), f"the memory of the {facts.gpu.name} is unknown")
    if facts.gpu is not None:
        _driver(path, pool, resolved, catalog, report)
    if pool.driver == NO_DRIVER:
        _without_driver(path, pool, facts, report)


def _marks(path: Path, pool: InventoryPoolSpec, report: Reporter) -> None:
    """No label is one that the kubelet writes, or that the platform sets itself; a taint is stated once."""
    for key in pool.labels:
        place = (*path, "labels", key)
        if _OF_THE_KUBELET.fullmatch(key):
            report.add(place, "is written by the kubelet, which would write it again", hint="leave it out")
        elif OWN_LABELS.fullmatch(key):
            report.add(place, "is set by the platform, from what the pool is", hint="leave it out")
    check_taints_once((*path, "taints"), pool.taints, report)


def _driver(
    path: Path, pool: InventoryPoolSpec, resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter
) -> None:
    """The nodes' driver meets the GPU, the environment's own minimum and the runtime's CUDA."""
    if pool.driver is None:
        hint = "state the version that the nodes carry, or none: then the GPU Operator installs it"
        report.add((*path, "driver"), "is required: nobody knows what runs the GPUs of nodes that are there", hint=hint)
        return
    installed = pool.driver == NO_DRIVER
    driver = resolved.baseline.gpu_driver if installed else pool.driver
    whose = "the GPU Operator installs" if installed else "the nodes carry"
    gpu = catalog.gpus[str(catalog.servers[pool.server].gpu)]
    runtime = catalog.runtimes[resolved.environment.serving.runtime]
    floors = (
        (gpu.driver_minimum, f"the {gpu.name} needs"),
        (resolved.environment.gpu_baseline.driver_minimum, "gpuBaseline asks for"),
        (runtime.driver_minimum, f"{runtime.name} needs"),
        *(((DRA_DRIVER_MINIMUM, "a pool whose GPUs are claimed needs"),) if pool.device_path == "dra" else ()),
    )
    for minimum, who in floors:
        if version_key(driver) < version_key(minimum):
            report.add((*path, "driver"), f"{who} driver {minimum} or newer, and {whose} {driver}")
    carries = f"the GPU Operator gives the nodes of {pool.name}" if installed else f"the nodes of {pool.name} carry"
    check_cuda(driver, carries, resolved, catalog, report)


def _without_driver(path: Path, pool: InventoryPoolSpec, facts: NodeFacts, report: Reporter) -> None:
    """The GPU Operator can install a driver, and what it installs serves the way in which the pool shares its GPUs."""
    if facts.gpu is None:
        report.add((*path, "driver"), f"{pool.server} has no GPU to run", hint="remove driver")
        return
    if pool.os is None:
        message = "is required: the GPU Operator's driver is made for the system of its nodes, and its kernel"
        report.add(
            (*path, "os"), message, hint='for example {name: ubuntu, version: "24.04", kernel: 6.8.0-86-generic}'
        )
    if facts.dra:
        message = "the DRA driver looks for NVIDIA's driver on the node itself, and these nodes carry none"
        hint = "set devicePath: devicePlugin, or install the driver on them"
        report.add((*path, "devicePath"), message, hint=hint)
    if facts.partition is not None:
        message = "the MIG manager splits GPUs with the driver of the node itself, and these nodes carry none"
        report.add(
            (*path, "sharing", "mig"), message, hint="share by time (timeSlicing), or install the driver on them"
        )


def check_nodes_once(resolved: ResolvedEnvironment, report: Reporter) -> None:
    """No node belongs to two pools."""
    owners: dict[str, str] = {}
    for index, pool in enumerate(resolved.environment.node_pools):
        if not isinstance(pool, InventoryPoolSpec):
            continue
        for position, node in enumerate(pool.nodes):
            owner = owners.setdefault(node, pool.name)
            if owner != pool.name:
                report.add(("nodePools", index, "nodes", position), f"{node!r} belongs to pool {owner} already")
