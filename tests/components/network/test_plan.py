"""Subnets: disjoint, inside the VPC, and where they are whatever zones come later."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.network.plan import MOST_ZONES, ZoneSubnets, subnet_plan

SIX = tuple(f"us-east-1{letter}" for letter in "abcdef")


def test_a_sixteen_gives_each_zone_a_nineteen_and_a_twenty_two() -> None:
    assert subnet_plan("10.40.0.0/16", SIX[:2]) == (
        ZoneSubnets("us-east-1a", private="10.40.0.0/19", public="10.40.224.0/22"),
        ZoneSubnets("us-east-1b", private="10.40.32.0/19", public="10.40.228.0/22"),
    )


@given(prefix=st.integers(16, 22), zones=st.integers(1, MOST_ZONES - 1))
def test_appending_a_zone_moves_no_subnet(prefix: int, zones: int) -> None:
    names = [f"zone-{number}" for number in range(zones + 1)]
    cidr = f"10.0.0.0/{prefix}"

    assert subnet_plan(cidr, names)[:-1] == subnet_plan(cidr, names[:-1])


@given(prefix=st.integers(16, 22), zones=st.integers(1, MOST_ZONES))
def test_subnets_lie_inside_the_vpc_and_never_overlap(prefix: int, zones: int) -> None:
    vpc = IPv4Network(f"10.0.0.0/{prefix}")
    plan = subnet_plan(str(vpc), [f"zone-{number}" for number in range(zones)])

    subnets = [IPv4Network(cidr) for part in plan for cidr in (part.private, part.public)]
    assert all(subnet.subnet_of(vpc) and subnet.prefixlen <= 28 for subnet in subnets)
    assert not any(one.overlaps(other) for number, one in enumerate(subnets) for other in subnets[:number])


def test_more_zones_than_parts_are_refused_with_both_numbers() -> None:
    with pytest.raises(ValueError, match=r"^8 zones do not fit: the plan has room for 7$"):
        subnet_plan("10.0.0.0/16", [f"zone-{number}" for number in range(8)])


def test_a_range_that_is_too_small_is_refused_with_what_would_do() -> None:
    message = (
        r"^10\.0\.0\.0/23 \(512 addresses\) is too small: a public subnet would be a /29, "
        r"and AWS allows none below /28; use a /22 or larger$"
    )
    with pytest.raises(ValueError, match=message):
        subnet_plan("10.0.0.0/23", SIX)
