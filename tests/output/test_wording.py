from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedplate.graph.values import SECRET, UNKNOWN, Json
from bedplate.output.wording import listed, many, money, shortened, signed_money, value_text, visible


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("nginx:1.2", "nginx:1.2"),
        ("", '""'),
        ("1", '"1"'),
        (1, "1"),
        ("true", '"true"'),
        (True, "true"),
        (None, "null"),
        (0.5, "0.5"),
        ("two words", '"two words"'),
        (["a", 1], "[a, 1]"),
        ({"a": {"b": False}}, "{a: {b: false}}"),
        (SECRET, "(secret)"),
        (UNKNOWN, "(known after apply)"),
        ([{"password": SECRET}, UNKNOWN], "[{password: (secret)}, (known after apply)]"),
    ],
)
def test_a_value_is_written_so_that_its_type_can_be_told(value: Json, text: str) -> None:
    assert value_text(value) == text


def test_a_long_value_is_cut_and_says_how_much_is_missing() -> None:
    assert value_text("a" * 1080, limit=80) == f"{'a' * 80}… (1,000 more characters)"
    assert shortened("short", 80) == "short"


@pytest.mark.parametrize(("amount", "text"), [("12", "+USD 12.00"), ("-3.1", "−USD 3.10"), ("0", "±USD 0.00")])
def test_a_difference_of_money_carries_its_sign(amount: str, text: str) -> None:
    assert signed_money(Decimal(amount), "USD") == text


def test_counts_lists_and_money_read_like_sentences() -> None:
    assert many(1, "finding") == "1 finding"
    assert many(2000, "policy", "policies") == "2,000 policies"
    assert listed(["a", "b", "c"], most=2) == "a, b and 1 more"
    assert listed(["a", "b"], most=2) == "a, b"
    assert money("1234.5", "USD") == "USD 1,234.50"


def test_characters_that_a_terminal_obeys_are_written_as_escapes() -> None:
    assert visible("a\x1b[31mred\nline\u202eback") == "a\\u001b[31mred\\nline\\u202eback"


@given(st.text())
def test_visible_text_stays_on_one_line_and_is_not_changed_again(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert visible(shown) == shown
