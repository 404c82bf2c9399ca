"""Money is exact and never mixes currencies."""

from __future__ import annotations

from decimal import Decimal, Inexact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedplate.units.money import HOURS_PER_MONTH, Money

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=10)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def test_money_adds_subtracts_and_multiplies_exactly() -> None:
    assert usd("0.1") + usd("0.2") == usd("0.3")
    assert usd("1") - usd("0.9999999999") == usd("0.0000000001")
    assert usd("0.98") * HOURS_PER_MONTH == usd("715.40")
    assert 3 * usd("0.1") == usd("0.3")


@given(AMOUNTS, AMOUNTS)
def test_what_is_added_can_be_taken_away_again(first: Decimal, second: Decimal) -> None:
    assert Money(first, "USD") + Money(second, "USD") - Money(second, "USD") == Money(first, "USD")


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(ValueError, match="USD and EUR cannot be added without an exchange rate"):
        usd("1") + Money(Decimal(1), "EUR")
    with pytest.raises(ValueError, match="USD and EUR"):
        usd("1") - Money(Decimal(1), "EUR")


def test_an_amount_that_would_be_rounded_is_an_error() -> None:
    with pytest.raises(Inexact):
        usd("1." + "1" * 40) * Decimal("1." + "1" * 40)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234.56", "USD 1,234.56"),
        ("0", "USD 0.00"),
        ("-3.1", "USD -3.10"),
        ("0.005", "USD 0.00"),
        ("0.015", "USD 0.02"),
        ("1e3", "USD 1,000.00"),
        ("1234567.891", "USD 1,234,567.89"),
    ],
)
def test_money_prints_with_currency_thousands_and_cents(amount: str, text: str) -> None:
    assert str(usd(amount)) == text


def test_a_month_has_seven_hundred_and_thirty_hours() -> None:
    assert Decimal(365 * 24) / 12 == HOURS_PER_MONTH
