"""Addresses that nodes take: as many as their pods may need, in each zone, and never more than the type has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedplate.catalog.catalog import load
from components.network.addresses import (
    PoolAddresses,
    ZoneAddresses,
    addresses_by_zone,
    addresses_per_node,
    usable_addresses,
)

TYPES = load().instance_types
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")


@pytest.mark.parametrize(
    ("instance", "addresses"),
    [
        ("m7i.large", 30),  # 27 pods need all 3 interfaces of 10
        ("t3.large", 36),
        ("m7i.4xlarge", 150),  # 108 pods on 4 interfaces of 30, and one in reserve, of 8
        ("g6e.12xlarge", 300),  # 248 pods on 9 interfaces of 30, and one in reserve: all 10
        ("p5.48xlarge", 100),
    ],
)
def test_a_node_takes_whole_interfaces_and_one_in_reserve(instance: str, addresses: int) -> None:
    assert addresses_per_node(TYPES[instance]) == addresses


@pytest.mark.parametrize(
    ("instance", "addresses"),
    [
        ("m7i.large", 1 + 8 * 16),  # 108 pods in 7 prefixes, and one in reserve, on the first interface
        ("g6e.12xlarge", 1 + 17 * 16),  # 248 pods in 16
    ],
)
def test_with_prefix_delegation_a_node_takes_whole_prefixes_and_one_in_reserve(instance: str, addresses: int) -> None:
    assert addresses_per_node(TYPES[instance], prefix_delegation=True) == addresses


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_node_takes_enough_for_its_pods_and_no_more_than_its_type_has(name: str) -> None:
    instance = TYPES[name]
    taken, pods = addresses_per_node(instance), instance.max_pods(prefix_delegation=False)

    if instance.enis is None or instance.ipv4_per_eni is None:
        assert taken is None
    else:
        assert taken is not None
        assert pods is not None
        assert pods - 2 <= taken - taken // instance.ipv4_per_eni
        assert taken <= instance.enis * instance.ipv4_per_eni


def test_nodes_of_a_pool_are_spread_evenly_and_the_fullest_zone_counts() -> None:
    pool = PoolAddresses("system", 5, ZONES[:2], 30)

    assert [pool.nodes_in(zone) for zone in ZONES] == [3, 3, 0]


def test_a_zone_holds_its_nodes_and_what_the_platform_itself_needs() -> None:
    system, h100 = PoolAddresses("system", 6, ZONES, 30), PoolAddresses("h100", 2, ZONES[:1], 100)
    first, second, _ = addresses_by_zone([system, h100], ZONES, interface_endpoints=7)

    assert first.total == 2 * 30 + 2 * 100 + 6 + 8 + 7
    assert first.explain() == "system 2 × 30, h100 2 × 100, platform 21"
    assert second == ZoneAddresses("us-east-1b", (system,), 21)


@given(
    pools=st.lists(
        st.builds(
            PoolAddresses,
            pool=st.just("pool"),
            nodes=st.integers(0, 450),
            zones=st.integers(1, 3).map(lambda count: ZONES[:count]),
            each=st.integers(2, 750),
        ),
        max_size=5,
    ),
    endpoints=st.integers(0, 40),
)
def test_all_zones_together_hold_every_node(pools: list[PoolAddresses], endpoints: int) -> None:
    needs = addresses_by_zone(pools, ZONES, interface_endpoints=endpoints)

    assert sum(need.total for need in needs) >= sum(pool.nodes * pool.each for pool in pools) + 3 * endpoints
    more = addresses_by_zone([*pools, PoolAddresses("one", 1, ZONES, 2)], ZONES, interface_endpoints=endpoints)
    assert all(after.total > before.total for before, after in zip(needs, more, strict=True))


@pytest.mark.parametrize(("cidr", "addresses"), [("10.0.0.0/28", 11), ("10.40.0.0/19", 8187)])
def test_five_addresses_of_a_subnet_belong_to_aws(cidr: str, addresses: int) -> None:
    assert usable_addresses(cidr) == addresses
