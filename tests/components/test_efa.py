"""Network interfaces as EC2 wants them for nodes with Elastic Fabric Adapters."""

from __future__ import annotations

import pytest

from components.efa import Interface, interfaces


def test_a_single_card_carries_the_primary_interface_and_the_adapter() -> None:
    assert interfaces(1, most=1, cards=1) == (Interface(0, 0, "interface"), Interface(0, 1, "efa-only"))


def test_further_cards_carry_an_adapter_as_their_first_device() -> None:
    assert interfaces(4, most=4, cards=4) == (
        Interface(0, 0, "interface"),
        Interface(0, 1, "efa-only"),
        Interface(1, 0, "efa-only"),
        Interface(2, 0, "efa-only"),
        Interface(3, 0, "efa-only"),
    )


def test_fewer_adapters_take_the_first_cards() -> None:
    assert [item.card for item in interfaces(2, most=32, cards=32)] == [0, 0, 1]


def test_where_one_card_more_than_adapters_is_there_the_first_has_none() -> None:
    assert interfaces(2, most=16, cards=17) == (
        Interface(0, 0, "interface"),
        Interface(1, 0, "efa-only"),
        Interface(2, 0, "efa-only"),
    )


@pytest.mark.parametrize("adapters", [0, 5])
def test_as_many_as_the_type_has_are_allowed(adapters: int) -> None:
    with pytest.raises(ValueError, match=f"{adapters} adapters asked for, and the instance type has 4"):
        interfaces(adapters, most=4, cards=4)


def test_no_two_interfaces_share_a_place() -> None:
    made = interfaces(32, most=32, cards=32)

    assert len({(item.card, item.device) for item in made}) == len(made) == 33
