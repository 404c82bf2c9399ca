"""Cross-checks of a VPC that somebody else keeps, as far as the file tells."""

from __future__ import annotations

from ipaddress import IPv4Network

from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.environment import Environment
from bedplate.environment.network import vpc_connectivity
from components.network.plan import SMALLEST_SUBNET
from components.network.spec import ExistingNetworkSpec

_PATH: Path = ("network", "existing")
_SUBNETS: Path = (*_PATH, "privateSubnets")


def check_existing(existing: ExistingNetworkSpec, environment: Environment, report: Reporter) -> None:
    """Every zone has one private subnet, and their ranges lie side by side inside the VPC."""
    _zones(existing, environment, report)
    report.unique(_SUBNETS, [subnet.id for subnet in existing.private_subnets], "subnet")
    _ranges(existing, report)
    if existing.endpoints == "made" and vpc_connectivity(environment) == "connected":
        message = "has no effect while connectivity is connected: endpoints are made where network.endpoints.extra asks"
        report.add((*_PATH, "endpoints"), message, hint="leave it out, or set connectivity: private")


def _zones(existing: ExistingNetworkSpec, environment: Environment, report: Reporter) -> None:
    seen: set[str] = set()
    for index, subnet in enumerate(existing.private_subnets):
        path = (*_SUBNETS, index, "zone")
        if subnet.zone not in environment.zones:
            report.add(path, f"{subnet.zone!r} is not one of the environment's zones", allowed=environment.zones)
        elif subnet.zone in seen:
            report.add(path, f"{subnet.zone} has a private subnet already", hint="name one for each zone")
        seen.add(subnet.zone)
    for zone in environment.zones:
        if zone not in seen:
            report.add(_SUBNETS, f"no private subnet lies in {zone}, which is one of cloud.zones")


def _ranges(existing: ExistingNetworkSpec, report: Reporter) -> None:
    vpc = IPv4Network(existing.cidr)
    before: list[tuple[str, IPv4Network]] = []
    for index, subnet in enumerate(existing.private_subnets):
        path, cidr = (*_SUBNETS, index, "cidr"), IPv4Network(subnet.cidr)
        if not cidr.subnet_of(vpc):
            report.add(path, f"{cidr} is no part of the VPC's range {vpc}")
        elif cidr.prefixlen > SMALLEST_SUBNET:
            report.add(path, f"{cidr} is no range of a subnet: AWS allows none below /{SMALLEST_SUBNET}")
        for other, taken in before:
            if cidr.overlaps(taken):
                report.add(path, f"{cidr} overlaps {taken}, the range of {other}")
        before.append((subnet.id, cidr))
