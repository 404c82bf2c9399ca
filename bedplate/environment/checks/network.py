"""Cross-checks of the network: its range, its ways out, its endpoints, and room for every node."""

from __future__ import annotations

from ipaddress import IPv4Network

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.existing_network import check_existing
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.environment import Environment
from bedplate.environment.limits import most_nodes
from bedplate.environment.network import interface_endpoints, services_range
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.source import did_you_mean
from components.inventory_pool.spec import InventoryPoolSpec
from components.network.addresses import PoolAddresses, addresses_by_zone, addresses_per_node, usable_addresses
from components.network.plan import subnet_plan
from components.network.spec import NetworkSpec
from components.node_pool.spec import NodePoolSpec


def check_network(resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """The network can be built, reaches what it must, and holds every node at its largest."""
    environment = resolved.environment
    if environment.network is None:
        return
    _ranges(environment.network, services_range(environment), report)
    if environment.network.existing is not None:
        check_existing(environment.network.existing, environment, report)
    if environment.connectivity == "connected":
        _connected(environment.network, report)
    elif environment.connectivity == "private":
        _private(environment.network, report)
    _endpoints(environment.network, catalog, report)
    _room(environment, environment.network, catalog, report)


def _ranges(network: NetworkSpec, services_cidr: str, report: Reporter) -> None:
    """The VPC and the Services of the cluster stay clear of every range that is kept for others."""
    vpc, services = IPv4Network(network.vpc_range), IPv4Network(services_cidr)
    for index, cidr in enumerate(network.reserved):
        path = ("network", "reserved", index)
        if vpc.overlaps(IPv4Network(cidr)):
            report.add(path, f"{cidr} overlaps the VPC's own range {vpc}", hint="the VPC needs another range")
        elif services.overlaps(IPv4Network(cidr)):
            message = f"{cidr} overlaps {services}, which the cluster's Services get: pods could not reach it"
            report.add(path, message, hint="reserve a range that leaves it out")


def _connected(network: NetworkSpec, report: Reporter) -> None:
    """Nodes reach the internet, through NAT gateways that stand in public subnets."""
    if network.nat == "none":
        message = "leaves private subnets without a way to the internet, and connectivity is connected"
        report.add(("network", "nat"), message, allowed=("single", "perZone"), hint="or set connectivity: private")
    if network.public_subnets is False:
        message = "leaves NAT gateways without a subnet to stand in"
        report.add(("network", "publicSubnets"), message, hint="leave publicSubnets out")


def _private(network: NetworkSpec, report: Reporter) -> None:
    """Nodes have no way to the internet."""
    if network.nat not in (None, "none"):
        message = "makes a way to the internet, and connectivity is private"
        report.add(("network", "nat"), message, allowed=("none",), hint="or set connectivity: connected")


def _endpoints(network: NetworkSpec, catalog: Catalog, report: Reporter) -> None:
    known = catalog.vpc_endpoints
    for index, service in enumerate(network.endpoints.extra):
        path = ("network", "endpoints", "extra", index)
        if service == "s3":
            report.add(path, "'s3' is reached through the gateway endpoint, which costs nothing", hint="leave it out")
        elif service not in known:
            hint = did_you_mean(service, known) or "add a row to the catalogue (vpc-endpoints.yaml) with its source"
            report.add(path, f"{service!r} is not a known endpoint service", hint=hint)


def _room(environment: Environment, network: NetworkSpec, catalog: Catalog, report: Reporter) -> None:
    """Each private subnet holds the nodes of its zone when every pool is at its largest."""
    endpoints = len(interface_endpoints(environment, catalog))
    needs = addresses_by_zone(_pools(environment, catalog), environment.zones, interface_endpoints=endpoints)
    subnets = _private_subnets(environment, network, report)
    for need in needs:
        path, cidr = subnets.get(need.zone, ((), ""))
        if cidr and need.total > usable_addresses(cidr) > 0:
            message = (
                f"the private subnet of {need.zone}, {cidr}, has {usable_addresses(cidr)} addresses, and {need.total} "
                f"are needed when every pool is at its largest (nodes × addresses): {need.explain()}"
            )
            report.add(path, message, hint="use a larger range, or lower size.max or limits of a pool")


def _private_subnets(environment: Environment, network: NetworkSpec, report: Reporter) -> dict[str, tuple[Path, str]]:
    """The private subnets by zone: where their range is stated, and what it is."""
    if network.existing is not None:
        return {
            subnet.zone: (("network", "existing", "privateSubnets", index, "cidr"), subnet.cidr)
            for index, subnet in enumerate(network.existing.private_subnets)
        }
    path = ("network", "cidr")
    try:
        return {part.zone: (path, part.private) for part in subnet_plan(network.vpc_range, environment.zones)}
    except ValueError as error:
        report.add(path, str(error))
        return {}


def _pools(environment: Environment, catalog: Catalog) -> list[PoolAddresses]:
    """Every pool whose instance types and zones are known; the others are reported elsewhere."""
    prefixes = environment.pods.prefix_delegation
    pools: list[PoolAddresses] = []
    for spec in environment.node_pools:
        if isinstance(spec, InventoryPoolSpec):
            continue
        types = [catalog.instance_types[name] for name in spec.instance_types if name in catalog.instance_types]
        found = (addresses_per_node(instance, prefix_delegation=prefixes) for instance in types)
        each = [addresses for addresses in found if addresses is not None]
        zones = tuple(zone for zone in environment.zones if not spec.zones or zone in spec.zones)
        if each and zones:
            most = spec.size.max if isinstance(spec, NodePoolSpec) else most_nodes(spec, types)
            pools.append(PoolAddresses(spec.name, most, zones, max(each)))
    return pools
