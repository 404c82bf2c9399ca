"""Where nothing billable has a price, no output says that it costs nothing."""

from __future__ import annotations

import json

import pytest

from bedplate.output.amounts import monthly, total
from bedplate.output.documents.review import ReviewDocument
from bedplate.output.markdown import comment
from bedplate.output.text import comparison_text
from tests.output.builders import comparison, cost, cost_line, platform, review
from tests.output.requests import change, of

PRICED = review(platform())
UNPRICED = review(platform(), cost=cost(None, lines=[cost_line(monthly=None)]))
# What an earlier version wrote for the same.
FORMER = review(platform(), cost=cost("0", lines=[cost_line(monthly=None)]))
EMPTY = review(platform(), cost=cost("0", lines=[]))


@pytest.mark.parametrize("document", [UNPRICED, FORMER])
def test_a_sum_without_any_price_is_unknown(document: ReviewDocument) -> None:
    assert (monthly(document["cost"]), total(document["cost"])) == (None, "unknown")


def test_nothing_that_is_billed_costs_nothing() -> None:
    assert total(EMPTY["cost"]) == "USD 0.00"


@pytest.mark.parametrize(
    ("head", "base"), [(UNPRICED, PRICED), (PRICED, UNPRICED), (PRICED, FORMER), (UNPRICED, UNPRICED)]
)
def test_no_output_shows_an_unknown_sum_or_its_change_as_a_number(head: ReviewDocument, base: ReviewDocument) -> None:
    both = comparison(head, base)
    text = comparison_text(both).plain
    assert "change against the base unknown; budget USD 1,500.00 a month" in text
    markdown = comment(of({"trial": change("trial", base, head)}))
    assert "USD 0.00" not in text + markdown
    assert head is base or "| unknown |" in markdown.splitlines()[6]
    assert both.to_json()["costBefore"] == (None if base is not PRICED else "857.1200")


def test_the_text_of_an_unknown_sum_has_no_share_of_the_budget() -> None:
    text = comparison_text(comparison(UNPRICED, PRICED)).plain
    assert "Cost  cost unknown (0 of 1 priced)" in text
    assert "used to an unknown part" in text


def test_a_sum_that_is_not_known_any_more_is_dangerous() -> None:
    assert comparison(UNPRICED, PRICED).dangers == ("cost is not known any more: USD 857.12 → unknown",)
    assert comparison(PRICED, UNPRICED).dangers == ()


def test_the_json_of_an_unknown_sum_is_null() -> None:
    assert json.loads(json.dumps(UNPRICED["cost"]))["monthly"] is None
