"""Which part of the VPC's range belongs to which subnet. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

# The VPC's range is cut into eight equal parts: seven are private parts of zones, the last one holds all public
# parts. Every zone's parts follow from its number alone, so no subnet moves when a zone is appended.
_PARTS_BITS = 3
_PARTS = 2**_PARTS_BITS
MOST_ZONES = _PARTS - 1
SMALLEST_SUBNET = 28  # Amazon VPC User Guide, "Subnet sizing"


@dataclass(frozen=True, slots=True)
class ZoneSubnets:
    """The two subnets of a zone, in CIDR form."""

    zone: str
    private: str
    public: str


def subnet_plan(cidr: str, zones: Sequence[str]) -> tuple[ZoneSubnets, ...]:
    """Subnets of `zones` in the VPC's range `cidr`, in the order of the zones.

    Each zone gets an eighth of the range for nodes and pods and a sixty-fourth for load balancers and NAT gateways:
    8,187 and 1,019 addresses of a /16, without the five that AWS keeps in each subnet. Appending a zone leaves the
    others as they are. Raises ValueError where there are too many zones, or where a public subnet would be smaller
    than AWS allows.
    """
    network = IPv4Network(cidr)
    if len(zones) > MOST_ZONES:
        raise ValueError(f"{len(zones)} zones do not fit: the plan has room for {MOST_ZONES}")
    public_prefix = network.prefixlen + 2 * _PARTS_BITS
    if public_prefix > SMALLEST_SUBNET:
        largest = SMALLEST_SUBNET - 2 * _PARTS_BITS
        raise ValueError(
            f"{cidr} ({network.num_addresses} addresses) is too small: a public subnet would be a /{public_prefix}, "
            f"and AWS allows none below /{SMALLEST_SUBNET}; use a /{largest} or larger"
        )
    *private, shared = network.subnets(_PARTS_BITS)
    public = shared.subnets(_PARTS_BITS)
    return tuple(
        ZoneSubnets(zone, str(own), str(small)) for zone, own, small in zip(zones, private, public, strict=False)
    )
