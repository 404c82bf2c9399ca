"""What pools that Karpenter keeps cost at most: their limits are the only thing that bounds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Decimal

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.hardware import InstanceType
from bedplate.cost.nodes import volume_rates
from bedplate.cost.rate import Rate
from bedplate.environment.limits import counted, limited, most_nodes
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.resource import Resource
from components.karpenter.spec import KarpenterPoolSpec

_HUNDREDTH = Decimal("0.01")


def karpenter_rates(resource: Resource, resolved: ResolvedEnvironment, catalog: Catalog) -> Iterator[Rate]:
    """Instances and disks of a NodePool: of a fixed number of nodes, or of the most that its limits allow.

    Of types without a price nothing bounds the cost: one of them stands for all.
    """
    pools = resolved.environment.karpenter_pools
    pool = next((item for item in pools if f"nodePools[{item.name}]" == resource.entry), None)
    if pool is None:
        yield Rate("nodes", None, note="of a NodePool that is no pool of the environment: nobody says what bounds them")
        return
    types = [catalog.instance_types[name] for name in pool.instance_types]
    nodes = most_nodes(pool, types) if pool.replicas is None else pool.replicas
    prices = {item.name: catalog.price(item.name, resolved.environment.region) for item in types}
    known = {name: price.amount for name, price in prices.items() if price is not None}
    unpriced = [name for name in pool.instance_types if name not in known]
    if unpriced:
        yield Rate(unpriced[0], Decimal(nodes), bound=True)
    else:
        yield _instances(pool, types, known, nodes)
    yield from volume_rates(pool, nodes, "" if pool.replicas else "at most ", bound=pool.replicas is None)
    for reservation in pool.reservations:
        note = "is paid whether nodes use it or not, a Capacity Block in advance, at a price of its own"
        yield Rate(reservation, None, note=note)


def _instances(pool: KarpenterPoolSpec, types: Sequence[InstanceType], prices: dict[str, Decimal], nodes: int) -> Rate:
    spot = "; Spot has no list price: on-demand as an upper bound" if "spot" in pool.capacity else ""
    if pool.replicas is not None:
        dearest = max(types, key=lambda item: (prices[item.name], item.name))
        note = f"always {nodes}, and {pool.limits.nodes} while nodes are replaced{spot}"
        return Rate(dearest.name, Decimal(nodes), bound=len(types) > 1 or bool(spot), note=note)
    item, quantity = _dearest_within(pool, types, prices)
    note = f"0 to {nodes} nodes; at most what limits allow{spot}"
    return Rate(item.name, quantity, bound=True, note=note)


def _dearest_within(
    pool: KarpenterPoolSpec, types: Sequence[InstanceType], prices: dict[str, Decimal]
) -> tuple[InstanceType, Decimal]:
    """The most that any mix of `types` within the limits can cost, as so many of one type.

    A limit of one resource bounds the cost by the type that is dearest for each unit of it; the limit that bounds it
    most is taken. Where all types take as much of it, there are whole nodes only.
    """
    bounds: list[tuple[Decimal, InstanceType, Decimal]] = []
    for resource, limit in limited(pool).items():
        taken = {item.name: counted(item)[resource] for item in types}
        if not all(taken.values()):
            continue
        dearest = max(types, key=lambda item: (prices[item.name] / taken[item.name], item.name))
        whole = len(set(taken.values())) == 1
        quantity = (
            Decimal(limit // taken[dearest.name])
            if whole
            else (Decimal(limit) / taken[dearest.name]).quantize(_HUNDREDTH, rounding=ROUND_CEILING)
        )
        bounds.append((quantity * prices[dearest.name], dearest, quantity))
    _, item, quantity = min(bounds, key=lambda bound: bound[0])
    return item, quantity
