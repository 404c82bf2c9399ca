"""Cross-checks of where the nodes of a managed pool come from: zones, reservations, placement, fast network."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.environment import Environment
from bedplate.environment.facts import PoolFacts
from components.node_pool.spec import NodePoolSpec

# Families that cannot be placed close together (EC2 User Guide, "Cluster placement groups").
_BURSTABLE = ("t2.", "t3.", "t3a.", "t4g.")


def check_capacity(path: Path, facts: PoolFacts, environment: Environment, catalog: Catalog, report: Reporter) -> None:
    """Capacity is of one kind, in zones that exist, and the instance types have what is asked of them."""
    _reservation(path, facts, environment, report)
    _placement(path, facts, environment, report)
    _adapters(path, facts, catalog, report)
    _fabric(path, facts, environment, report)


def _reservation(path: Path, facts: PoolFacts, environment: Environment, report: Reporter) -> None:
    pool = facts.pool
    if pool.reservation is None:
        if pool.capacity == "capacityBlock":
            message = "is required: a Capacity Block is bought before, and named by the id of its reservation"
            report.add((*path, "reservation"), message, hint="reservation: {id: cr-…, zone: …}")
        return
    place, zone = (*path, "reservation"), pool.reservation.zone
    if pool.capacity == "spot":
        report.add(place, "Spot nodes start in no reservation", hint="set capacity: onDemand or capacityBlock")
    if zone not in environment.zones:
        message = f"{zone!r} is not one of the environment's zones"
        report.add((*place, "zone"), message, allowed=environment.zones)
    elif pool.zones and pool.zones != (zone,):
        message = f"the reservation is in {zone}, and nodes start there and nowhere else"
        report.add((*path, "zones"), message, hint=f"zones: [{zone}], or leave zones out")
    if len(pool.instance_types) > 1:
        message = "a reservation is for one instance type"
        report.add((*path, "instanceTypes", 1), message, hint="name the reservation's type alone")


def check_reservations(environment: Environment, report: Reporter) -> None:
    """Pools that share a reservation agree on its zone and on its instance type: it has one of each."""
    first: dict[str, NodePoolSpec] = {}
    for index, pool in enumerate(environment.node_pools):
        if not isinstance(pool, NodePoolSpec) or pool.reservation is None:
            continue
        other, place = first.setdefault(pool.reservation.id, pool), ("nodePools", index)
        assert other.reservation is not None
        about = f"{pool.reservation.id} is named by pool {other.name} too, which says that"
        if pool.reservation.zone != other.reservation.zone:
            message = f"{about} it is in {other.reservation.zone}"
            report.add((*place, "reservation", "zone"), message, hint="a reservation is in one zone: check both ids")
        if pool.instance_types[:1] != other.instance_types[:1]:
            message = f"{about} it is for {other.instance_types[0]}"
            hint = "a reservation is for one instance type: check both ids"
            report.add((*place, "instanceTypes", 0), message, hint=hint)


def _placement(path: Path, facts: PoolFacts, environment: Environment, report: Reporter) -> None:
    pool = facts.pool
    if pool.placement is None:
        return
    place = (*path, "placement")
    if pool.capacity == "capacityBlock":
        # AWS ParallelCluster refuses it too: aws/aws-parallelcluster pull request 6311, 2024-06-25.
        message = (
            "EC2 has placed the instances of a Capacity Block close together, and takes no placement group for them"
        )
        report.add(place, message, hint="leave placement out")
        return
    zones = _zones(pool, environment)
    if len(zones) > 1:
        message = f"nodes that stand close together are in one zone, and the pool has {len(zones)}"
        report.add(place, message, hint=f"zones: [{zones[0]}]")
    burstable = [name for name in pool.instance_types if name.startswith(_BURSTABLE)]
    if burstable:
        report.add(place, f"EC2 places no burstable instances as {burstable[0]} close together")


def _zones(pool: NodePoolSpec, environment: Environment) -> tuple[str, ...]:
    return (pool.reservation.zone,) if pool.reservation else pool.zones or environment.zones


def _fabric(path: Path, facts: PoolFacts, environment: Environment, report: Reporter) -> None:
    """Adapters reach each other: EFA knows no other zone (AWS ParallelCluster user guide, "Elastic Fabric Adapter")."""
    zones = _zones(facts.pool, environment)
    if facts.pool.efa is not None and facts.pool.placement is None and facts.instance.efa_interfaces and len(zones) > 1:
        message = f"adapters reach each other in one zone, and the pool has {len(zones)}"
        report.add((*path, "efa"), message, hint=f"zones: [{zones[0]}]")


def _adapters(path: Path, facts: PoolFacts, catalog: Catalog, report: Reporter) -> None:
    pool = facts.pool
    if pool.efa is None:
        return
    place, first = (*path, "efa"), facts.instance
    if first.efa_interfaces is None:
        hint = "add it to the catalogue with its source"
        report.add(place, f"how many adapters {first.name} has is unknown", hint=hint)
        return
    if first.efa_interfaces == 0:
        report.add(place, f"{first.name} has no Elastic Fabric Adapter", hint="remove efa, or use a type that has one")
        return
    if isinstance(pool.efa.interfaces, int) and pool.efa.interfaces > first.efa_interfaces:
        message = f"{first.name} has {first.efa_interfaces}, and {pool.efa.interfaces} are asked for"
        report.add((*place, "interfaces"), message, allowed=("max", f"1 to {first.efa_interfaces}"))
    for position, name in enumerate(pool.instance_types[1:], start=1):
        other = catalog.instance_types[name]
        if (other.efa_interfaces, other.network_cards) != (first.efa_interfaces, first.network_cards):
            message = f"{name} has other network cards than {first.name}, and one launch template serves both"
            report.add((*path, "instanceTypes", position), message, hint="make a pool of its own for each")
