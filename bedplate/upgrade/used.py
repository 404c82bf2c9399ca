"""Which parts of a baseline an environment runs. A part that it does not run moves without a step."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.parts import BaselinePart
from bedplate.environment.driver import GPU_DRIVER, operator_pools
from bedplate.environment.environment import AnyPoolSpec, Environment
from bedplate.environment.facts import Ec2Facts, ec2_facts, node_facts
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import ChartAddonSpec, ProvidedAddonSpec
from components.inventory_pool.spec import InventoryPoolSpec
from components.node_pool.spec import NodePoolSpec


def used_parts(resolved: ResolvedEnvironment, catalog: Catalog) -> frozenset[str]:
    """Names of the parts of which something runs, or is rendered, in `resolved`."""
    roles, charts = set(_roles(resolved, catalog)), set(_charts(resolved))
    rows = catalog.baseline_parts.values()
    return frozenset(row.part for row in rows if row.stage != "cluster" and _used(row, roles, charts))


def charts_of(part: BaselinePart, resolved: ResolvedEnvironment) -> tuple[str, ...]:
    """Add-ons of `resolved` whose charts have the part's version, in the order of the environment."""
    return tuple(name for name in _charts(resolved) if name in part.charts)


def provided_of(part: BaselinePart, resolved: ResolvedEnvironment) -> tuple[ProvidedAddonSpec, ...]:
    """Add-ons that somebody else installed and that must be of the part's version."""
    addons = resolved.environment.addons
    return tuple(addon for addon in addons if isinstance(addon, ProvidedAddonSpec) and addon.name in part.charts)


def _used(row: BaselinePart, roles: set[str], charts: set[str]) -> bool:
    return bool(roles.intersection(row.images) or charts.intersection(row.charts))


def _charts(resolved: ResolvedEnvironment) -> Iterator[str]:
    """Add-ons whose version is the baseline's."""
    for addon in resolved.environment.addons:
        if isinstance(addon, ProvidedAddonSpec) or (isinstance(addon, ChartAddonSpec) and addon.version is None):
            yield addon.name


def _roles(resolved: ResolvedEnvironment, catalog: Catalog) -> Iterator[str]:
    """Images of the baseline that components put into pods."""
    environment = resolved.environment
    yield catalog.runtimes[environment.serving.runtime].image_role
    if environment.models:
        yield "storageInitializer"
    yield from _agents(environment, catalog)
    if operator_pools(environment):
        yield from ("gpuOperator", GPU_DRIVER)


def _agents(environment: Environment, catalog: Catalog) -> Iterator[str]:
    """Images of the agents that run on nodes with GPUs."""
    pools = [(pool, node_facts(pool, catalog)) for pool in environment.node_pools]
    with_gpus = [(pool, facts) for pool, facts in pools if facts is not None and facts.gpu is not None]
    if with_gpus:
        yield "dcgmExporter"
    if any(isinstance(pool, NodePoolSpec) and pool.efa is not None for pool, _ in with_gpus):
        yield "efaDevicePlugin"
    # Bottlerocket brings device plugin and MIG manager.
    own_agents = [facts for pool, facts in with_gpus if not _is_bottlerocket(pool)]
    if any(not facts.dra for facts in own_agents):
        yield "devicePlugin"
    if any(facts.dra for facts in own_agents):
        yield "draDriver"
    if any(facts.partition for facts in own_agents):
        yield "migManager"


def _is_bottlerocket(pool: AnyPoolSpec) -> bool:
    return not isinstance(pool, InventoryPoolSpec) and pool.ami.family == "bottlerocket"


def versioned_pools(resolved: ResolvedEnvironment, catalog: Catalog) -> tuple[Ec2Facts, ...]:
    """Facts of the pools whose images an environment names, in its order: those that EKS keeps, and Karpenter's."""
    pools = resolved.environment.node_pools
    return tuple(ec2_facts(pool, catalog) for pool in pools if not isinstance(pool, InventoryPoolSpec))
