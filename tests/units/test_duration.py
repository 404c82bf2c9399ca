"""Durations as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedplate.units.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0s", 0), ("30s", 30), ("10m", 600), ("1h30m", 5_400), ("90d", 7_776_000), ("1d2h3m4s", 93_784), ("90m", 5_400)],
)
def test_a_duration_is_the_sum_of_its_parts_in_seconds(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "30", "s", "1.5h", "-1h", "30m1h", "1h 30m", "1h1h", "1w", "1H", "٣s", "9" * 10 + "s"]
)
def test_what_is_no_duration_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration: write whole d, h, m and s in this order"):
        parse_duration(text)


@given(st.integers(0, 10**9))
def test_a_written_duration_reads_as_the_same_number_of_seconds(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (90, "1m30s"), (5_400, "1h30m"), (86_400, "1d")])
def test_a_duration_is_written_from_large_units_to_small_ones(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


def test_a_negative_duration_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="is negative"):
        format_duration(-1)
