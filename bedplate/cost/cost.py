"""What an environment costs in a month, exactly, with everything that has no price named.

Prices are rows of the catalogue with region, date and source. A resource without a row is unpriced: it is listed and
counted, never taken as free. Spot capacity has no list price; its on-demand price is shown as an upper bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.rows import Price
from bedplate.catalog.versions import KubernetesVersion
from bedplate.cost.karpenter import karpenter_rates
from bedplate.cost.nodes import node_rates, server_rates
from bedplate.cost.objects import Classes, object_rates, storage_classes
from bedplate.cost.rate import Rate
from bedplate.cost.types import FREE, USAGE_BASED
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.derive.karpenter import NODE_POOL_TYPE
from bedplate.graph.diff import object_label
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.units.money import HOURS_PER_MONTH, Money


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
    """All billable resources of a Graph.

    `total` sums the priced ones only: read it with `unpriced`, and where nothing at all is priced, not at all.
    """

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
    def is_known(self) -> bool:
        """Whether the total says anything: where nothing of what is billed has a price, it is unknown and not zero."""
        return bool(self.priced) or not self.lines

    @property
    def over_budget(self) -> bool:
        """Whether the priced part alone is above the budget."""
        return self.total.amount > self.budget.amount

    def to_json(self) -> dict[str, Json]:
        return {
            "currency": self.total.currency,
            "monthly": str(self.total.amount) if self.is_known else None,
            "budget": str(self.budget.amount),
            "overBudget": self.over_budget,
            "priced": len(self.priced),
            "billable": len(self.lines),
            "pricesAsOf": self.as_of,
            "lines": [line.to_json() for line in self.lines],
        }


def cost(graph: Graph, resolved: ResolvedEnvironment, catalog: Catalog, *, today: date) -> CostReport:
    """Monthly cost of `graph` in the environment's currency, at desired sizes, 730 hours a month, from `today` on.

    Pools that a controller lets grow are at the most that their limits allow."""
    spec = resolved.environment.cost
    region = resolved.environment.region
    lines: list[CostLine] = []
    dates: set[str] = set()
    classes = storage_classes(graph)
    for resource in graph:
        for rate in _billed(resource, resolved, catalog, today, classes):
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


def _line(resource: Resource, rate: Rate, price: Price | None, region: str, currency: str) -> CostLine:
    if rate.quantity is None:
        return CostLine(resource, rate.item, Decimal(0), "", None, rate.bound, rate.note or "known only after apply")
    if price is None or price.currency != currency:
        note = "; ".join(part for part in (f"no {currency} price for {rate.item} in {region}", rate.note) if part)
        return CostLine(resource, rate.item, rate.quantity, "", None, rate.bound, note)
    periods = HOURS_PER_MONTH if price.unit == "hour" else Decimal(1)
    monthly = Money(price.amount * rate.quantity * periods, currency)
    return CostLine(resource, rate.item, rate.quantity, price.unit, monthly, rate.bound, rate.note)


def _billed(
    resource: Resource, resolved: ResolvedEnvironment, catalog: Catalog, today: date, classes: Classes
) -> Iterator[Rate]:
    """By what `resource` is billed, whether we register it with AWS or a controller of the cluster does."""
    if resource.type == NODE_POOL_TYPE:
        yield from karpenter_rates(resource, resolved, catalog)
    elif resource.is_kubernetes:
        # Outside a cloud nobody bills what controllers make.
        yield from object_rates(resource, classes) if resolved.environment.aws else server_rates(resource)
    elif resource.custom and resource.derived_from is None:
        yield from _rates(resource, resolved, catalog, today)


def _rates(resource: Resource, resolved: ResolvedEnvironment, catalog: Catalog, today: date) -> Iterator[Rate]:
    """By what `resource` is billed; nothing for types that AWS gives away. An unknown type is priced by its own row."""
    inputs = resource.inputs
    match resource.type:
        case "aws:eks/cluster:Cluster":
            yield _control_plane(catalog.kubernetes_versions[resolved.baseline.kubernetes], today)
            yield from _provisioned_control_plane(inputs)
        case "aws:eks/nodeGroup:NodeGroup":
            yield from node_rates(resource, resolved, catalog)
        case "aws:ec2/natGateway:NatGateway":
            yield Rate("nat-gateway", Decimal(1), note="without traffic")
        case "aws:ec2/eip:Eip":
            yield Rate("public-ipv4", Decimal(1))
        case "aws:kms/key:Key":
            yield Rate("kms-key", Decimal(1), note="without requests")
        case kind if kind in USAGE_BASED:
            yield Rate(kind, None, note="billed by use")
        case "aws:ec2/vpcEndpoint:VpcEndpoint" if get(inputs, "vpcEndpointType") == "Interface":
            subnets = get(inputs, "subnetIds", default=())
            if is_opaque(subnets):
                yield Rate("vpc-interface-endpoint", None)
            else:
                yield Rate("vpc-interface-endpoint", Decimal(len(subnets)), note="without traffic")
        case kind if kind not in FREE and not kind.startswith("pulumi:"):
            yield Rate(kind, Decimal(1))


def _control_plane(version: KubernetesVersion, today: date) -> Rate:
    """Extended support is billed from the day after standard support has ended, whatever the upgrade policy says."""
    if version.support(today).status == "standard":
        return Rate("eks.control-plane.standard", Decimal(1))
    note = f"standard support of {version.version} ended {version.standard_support_ends.isoformat()}"
    return Rate("eks.control-plane.extended", Decimal(1), note=note)


def _provisioned_control_plane(inputs: Json) -> Iterator[Rate]:
    """A tier above standard is billed by the hour, on top of the cluster itself."""
    tier = get(inputs, "controlPlaneScalingConfig", "tier")
    if is_opaque(tier):
        yield Rate("eks.control-plane.tier", None)
    elif tier not in (None, "standard"):
        yield Rate(f"eks.control-plane.{tier}", Decimal(1))
