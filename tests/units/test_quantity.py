"""Kubernetes quantities, and amounts as people and as Kubernetes read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedplate.units.quantity import format_bytes, format_cpu, parse_quantity


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", "0"),
        ("4", "4"),
        ("+4", "4"),
        ("-4", "-4"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1n", "0.000000001"),
        ("1u", "0.000001"),
        ("250m", "0.25"),
        ("1k", "1000"),
        ("1M", "1000000"),
        ("1G", "1000000000"),
        ("1T", "1000000000000"),
        ("1P", "1000000000000000"),
        ("1E", "1000000000000000000"),
        ("1Ki", "1024"),
        ("1Mi", "1048576"),
        ("1.5Gi", "1610612736"),
        ("1Ti", "1099511627776"),
        ("1Pi", "1125899906842624"),
        ("7Ei", "8070450532247928832"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("12e-3", "0.012"),
        ("9223372036854775807", "9223372036854775807"),
    ],
)
def test_a_quantity_has_the_amount_that_kubernetes_gives_it(text: str, amount: str) -> None:
    assert parse_quantity(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "'' is not a quantity: write a number with a suffix, such as 500m, 4 or 16Gi"),
        ("16GB", "'16GB' is not a quantity"),
        ("1K", "'1K' is not a quantity"),
        ("1 Gi", "'1 Gi' is not a quantity"),
        ("1e", "'1e' is not a quantity"),
        ("1e3Gi", "'1e3Gi' is not a quantity"),
        ("Gi", "'Gi' is not a quantity"),
        ("1,5", "'1,5' is not a quantity"),
        ("٣", "is not a quantity"),
        ("1\n", "is not a quantity"),
        ("nan", "'nan' is not a quantity"),
        ("1" * 65, "is not a quantity"),
        ("8Ei", r"'8Ei' is beyond 2\^63 - 1, the most that Kubernetes carries"),
        ("-8.1Ei", r"is beyond 2\^63 - 1"),
        ("1e19", "the exponent 19 is beyond 18"),
        ("1e-19", "the exponent -19 is beyond 18"),
        ("0.1n", "'0.1n' is finer than a billionth, the least that Kubernetes carries"),
    ],
)
def test_what_is_no_quantity_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_quantity(text)


@given(st.integers(0, 10**15))
def test_cores_written_as_a_quantity_read_as_the_same_number(nanos: int) -> None:
    cores = Decimal(nanos).scaleb(-9)
    assert parse_quantity(format_cpu(cores)) == cores


@pytest.mark.parametrize(
    ("cores", "text"),
    [("4", "4"), ("4.0", "4"), ("0.25", "250m"), ("0", "0"), ("0.0001", "100u"), ("0.000000003", "3n")],
)
def test_cores_are_whole_or_in_the_largest_unit_without_a_fraction(cores: str, text: str) -> None:
    assert format_cpu(Decimal(cores)) == text


def test_less_than_a_nano_core_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="finer than a nano-core"):
        format_cpu(Decimal("1e-10"))


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (24_051_816_858, "22.4 GiB"),
        (2**20 - 1, "1.0 MiB"),
        (int(1023.94 * 1024), "1,023.9 KiB"),
        (2**70, "1,024.0 EiB"),
        (-(2**30), "-1.0 GiB"),
    ],
)
def test_bytes_for_people_have_one_decimal_and_never_a_thousand_and_twenty_four_of_a_unit(
    count: int, text: str
) -> None:
    assert format_bytes(count) == text
