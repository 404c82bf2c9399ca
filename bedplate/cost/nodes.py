"""What node groups cost: instances, and their volumes with what they have beyond gp3's own speed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from bedplate.catalog.catalog import Catalog
from bedplate.cost.rate import Rate
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.derive.inventory import NODE_PATCH_TYPE
from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from components.node_fields import GP3_IOPS, GP3_MIB_PER_SECOND
from components.node_pool.spec import NodePoolSpec
from components.volumes import OnDisk, volumes

SERVER_LABEL = "bedplate.dev/server"


def node_rates(resource: Resource, resolved: ResolvedEnvironment, catalog: Catalog) -> Iterator[Rate]:
    """Instances and disks of a node group, at its desired size, and of those that wait in its warm pool."""
    count = get(resource.inputs, "scalingConfig", "desiredSize")
    pool = next(item for item in resolved.environment.managed_pools if f"nodePools[{item.name}]" == resource.entry)
    if is_opaque(count):
        for item in (pool.instance_types[0], "ebs-gp3"):
            yield Rate(item, None, note="the number of nodes is known only after apply")
        return
    yield _instance_rate(pool, count, resolved, catalog)
    yield from volume_rates(pool, count)
    waiting = _waiting(pool)
    if waiting:
        yield from _warm_rates(pool, waiting)


def _instance_rate(pool: NodePoolSpec, count: int, resolved: ResolvedEnvironment, catalog: Catalog) -> Rate:
    """Instances of the preferred type; of the dearest for Spot, where EC2 picks from the whole list."""
    first = pool.instance_types[0]
    if pool.capacity == "capacityBlock":
        return Rate(first, None, note="Capacity Blocks are paid in advance, at a price of their own")
    if pool.capacity == "spot":
        note = "Spot has no list price: on-demand as an upper bound"
        return Rate(_dearest(pool.instance_types, resolved, catalog), Decimal(count), bound=True, note=note)
    note = f"{pool.reservation.id} costs as much whether nodes use it or not" if pool.reservation else ""
    return Rate(first, Decimal(count), note=note)


def volume_rates(pool: OnDisk, count: int, what: str = "", *, bound: bool = False) -> Iterator[Rate]:
    """Volumes of `count` nodes: their size, and the speed that is bought beyond what comes with it."""
    own = volumes(pool)
    sizes = " + ".join(str(volume.gib) for volume in own)
    size = Decimal(count * sum(volume.gib for volume in own))
    yield Rate("ebs-gp3", size, bound, f"{what}{count} × {sizes} GiB")
    iops = sum(volume.iops - GP3_IOPS for volume in own)
    if iops:
        yield Rate("ebs-gp3-iops", Decimal(count * iops), bound, f"{what}{count} × {iops} beyond {GP3_IOPS}")
    speed = sum(volume.throughput_mibs - GP3_MIB_PER_SECOND for volume in own)
    if speed:
        note = f"{what}{count} × {speed} MiB/s beyond {GP3_MIB_PER_SECOND}"
        yield Rate("ebs-gp3-throughput", Decimal(count * speed), bound, note)


def _waiting(pool: NodePoolSpec) -> int:
    """Nodes in the warm pool while the desired ones are in use: up to what may be prepared in all, at least `min`."""
    if pool.warm_pool is None:
        return 0
    most = pool.size.max if pool.warm_pool.max_prepared is None else pool.warm_pool.max_prepared
    return max(pool.warm_pool.min, most - pool.size.desired)


def _warm_rates(pool: NodePoolSpec, count: int) -> Iterator[Rate]:
    """Stopped and hibernated instances cost their volumes alone."""
    assert pool.warm_pool is not None
    state = pool.warm_pool.state
    if state == "running":
        yield Rate(pool.instance_types[0], Decimal(count), note=f"warm pool, {state}")
    yield from volume_rates(pool, count, what=f"warm pool, {state}: ")


def _dearest(types: tuple[str, ...], resolved: ResolvedEnvironment, catalog: Catalog) -> str:
    """The type with the highest price; one without a price where there is any, since nothing bounds it."""
    prices = {name: catalog.price(name, resolved.environment.region) for name in types}
    known = {name: price.amount for name, price in prices.items() if price is not None}
    unpriced = [name for name in types if name not in known]
    return unpriced[0] if unpriced else max(types, key=lambda name: (known[name], name))


def server_rates(resource: Resource) -> Iterator[Rate]:
    """A node that is there is a machine that somebody paid for; no list says what it costs."""
    server = get(resource.inputs, "metadata", "labels", SERVER_LABEL)
    if resource.type == NODE_PATCH_TYPE and server is not None:
        yield Rate(str(server), None, note="a machine of one's own has no list price")
