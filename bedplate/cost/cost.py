"""What an environment costs in a month, exactly, with everything that has no price named.

Prices are rows of the catalogue with region, date and source. A resource without a row is unpriced: it is listed and
counted, never taken as free. Spot capacity has no list price; its on-demand price is shown as an upper bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.rows import KubernetesVersion, Price
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.diff import object_label
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.units.money import HOURS_PER_MONTH, Money

# Types whose bill depends on use (requests, bytes, lookups): no plan can tell it.
USAGE_BASED = frozenset({"aws:s3/bucket:Bucket", "aws:cloudwatch/logGroup:LogGroup"})


@dataclass(frozen=True, slots=True)
class CostLine:
    """One billable resource. `monthly` is None where price or quantity is not known, and `quantity` is then zero where
    it is the quantity; `bound` says that the cost is an upper bound.
    """

    resource: Resource
    item: str
    quantity: Decimal
    unit: str
    monthly: Money | None
    bound: bool = False
    note: str = ""

    @property
    def label(self) -> str:
        return object_label(self.resource)

    def to_json(self) -> dict[str, Json]:
        return {
            "object": self.label,
            "urn": self.resource.urn,
            "entry": self.resource.entry,
            "item": self.item,
            "quantity": str(self.quantity),
            "unit": self.unit,
            "monthly": str(self.monthly.amount) if self.monthly else None,
            "upperBound": self.bound,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class CostReport:
    """All billable resources of a Graph. `total` sums the priced ones only; read it with `unpriced`."""

    lines: tuple[CostLine, ...]
    total: Money
    budget: Money
    as_of: str

    @property
    def priced(self) -> tuple[CostLine, ...]:
        return tuple(line for line in self.lines if line.monthly is not None)

    @property
    def unpriced(self) -> tuple[CostLine, ...]:
        return tuple(line for line in self.lines if line.monthly is None)

    @property
    def over_budget(self) -> bool:
        """Whether the priced part alone is above the budget."""
        return self.total.amount > self.budget.amount

    def to_json(self) -> dict[str, Json]:
        return {
            "currency": self.total.currency,
            "monthly": str(self.total.amount),
            "budget": str(self.budget.amount),
            "overBudget": self.over_budget,
            "priced": len(self.priced),
            "billable": len(self.lines),
            "pricesAsOf": self.as_of,
            "lines": [line.to_json() for line in self.lines],
        }


@dataclass(frozen=True, slots=True)
class _Rate:
    """What a resource is billed by: a price item, how many (None: not known), and whether the cost is only a bound."""

    item: str
    quantity: Decimal | None
    bound: bool = False
    note: str = ""


def cost(graph: Graph, resolved: ResolvedEnvironment, catalog: Catalog, *, today: date) -> CostReport:
    """Monthly cost of `graph` in the environment's currency, at desired sizes, 730 hours a month, from `today` on."""
    spec = resolved.environment.cost
    region = resolved.environment.cloud.region
    lines: list[CostLine] = []
    dates: set[str] = set()
    for resource in graph.registered:
        for rate in _rates(resource, resolved, catalog, today):
            price = catalog.price(rate.item, region)
            line = _line(resource, rate, price, region, spec.currency)
            if price is not None and line.monthly is not None:
                dates.add(str(price.as_of))
            lines.append(line)
    total = Money(Decimal(0), spec.currency)
    for line in lines:
        if line.monthly is not None:
            total = total + line.monthly
    return CostReport(tuple(lines), total, Money(spec.monthly_budget, spec.currency), min(dates, default=""))


def _line(resource: Resource, rate: _Rate, price: Price | None, region: str, currency: str) -> CostLine:
    if rate.quantity is None:
        return CostLine(resource, rate.item, Decimal(0), "", None, rate.bound, rate.note or "known only after apply")
    if price is None or price.currency != currency:
        note = rate.note or f"no {currency} price for {rate.item} in {region}"
        return CostLine(resource, rate.item, rate.quantity, "", None, rate.bound, note)
    periods = HOURS_PER_MONTH if price.unit == "hour" else Decimal(1)
    monthly = Money(price.amount * rate.quantity * periods, currency)
    return CostLine(resource, rate.item, rate.quantity, price.unit, monthly, rate.bound, rate.note)


def _rates(resource: Resource, resolved: ResolvedEnvironment, catalog: Catalog, today: date) -> Iterator[_Rate]:
    """By what `resource` is billed; nothing for types that AWS gives away."""
    inputs = resource.inputs
    match resource.type:
        case "aws:eks/cluster:Cluster":
            yield _control_plane(catalog.kubernetes_versions[resolved.baseline.kubernetes], today)
        case "aws:eks/nodeGroup:NodeGroup":
            yield from _node_rates(resource, resolved, catalog)
        case "aws:ec2/natGateway:NatGateway":
            yield _Rate("nat-gateway", Decimal(1), note="without traffic")
        case "aws:ec2/eip:Eip":
            yield _Rate("public-ipv4", Decimal(1))
        case "aws:kms/key:Key":
            yield _Rate("kms-key", Decimal(1), note="without requests")
        case kind if kind in USAGE_BASED:
            yield _Rate(kind, None, note="billed by use")
        case "aws:ec2/vpcEndpoint:VpcEndpoint" if get(inputs, "vpcEndpointType") == "Interface":
            subnets = get(inputs, "subnetIds", default=())
            yield _Rate("vpc-interface-endpoint", None if is_opaque(subnets) else Decimal(len(subnets)))


def _control_plane(version: KubernetesVersion, today: date) -> _Rate:
    """Extended support is billed from the day after standard support has ended, whatever the upgrade policy says."""
    if today <= version.standard_support_ends:
        return _Rate("eks.control-plane.standard", Decimal(1))
    note = f"standard support of {version.version} ended {version.standard_support_ends.isoformat()}"
    return _Rate("eks.control-plane.extended", Decimal(1), note=note)


def _node_rates(resource: Resource, resolved: ResolvedEnvironment, catalog: Catalog) -> Iterator[_Rate]:
    """Instances and root disks of a node group, at its desired size and its preferred (Spot: dearest) type."""
    count = get(resource.inputs, "scalingConfig", "desiredSize")
    pool = next(item for item in resolved.environment.node_pools if f"nodePools[{item.name}]" == resource.entry)
    if is_opaque(count):
        for item in (pool.instance_types[0], "ebs-gp3"):
            yield _Rate(item, None, note="the number of nodes is known only after apply")
        return
    spot = pool.capacity == "spot"
    note = "Spot has no list price: on-demand as an upper bound" if spot else ""
    # EC2 picks a Spot node from the whole list: only the dearest type bounds it.
    item = _dearest(pool.instance_types, resolved, catalog) if spot else pool.instance_types[0]
    yield _Rate(item, Decimal(count), bound=spot, note=note)
    yield _Rate("ebs-gp3", Decimal(count * pool.disk_gib), note=f"{count} × {pool.disk_gib} GiB")


def _dearest(types: tuple[str, ...], resolved: ResolvedEnvironment, catalog: Catalog) -> str:
    """The type with the highest price; one without a price where there is any, since nothing bounds it."""
    prices = {name: catalog.price(name, resolved.environment.cloud.region) for name in types}
    known = {name: price.amount for name, price in prices.items() if price is not None}
    unpriced = [name for name in types if name not in known]
    return unpriced[0] if unpriced else max(types, key=lambda name: (known[name], name))


def cost_by_entry(report: CostReport) -> Mapping[str, Money]:
    """Priced cost by the entry of the environment file that causes it; the parts sum to the total, exactly."""
    totals: dict[str, Money] = {}
    for line in report.priced:
        assert line.monthly is not None
        entry = line.resource.entry or "(environment)"
        totals[entry] = totals[entry] + line.monthly if entry in totals else line.monthly
    return dict(sorted(totals.items()))
