from __future__ import annotations

from bedplate.graph.values import Json
from bedplate.output.judges import capacity_lines, cost_lines, lock_lines
from bedplate.output.lines import Lines
from bedplate.output.reasons import NO_LOCK
from tests.output.builders import capacity, cost, cost_line, memory, platform, review


def capacity_text(**overrides: Json) -> str:
    return Lines(capacity_lines(review(platform(), capacity=capacity(**overrides))["capacity"])).plain


def cost_text(delta: str = "nothing to compare with", **overrides: Json) -> str:
    return Lines(cost_lines(review(platform(), cost=cost(**overrides))["cost"], delta)).plain


def lock_text(**overrides: Json) -> str:
    return Lines(lock_lines(review(platform(), **overrides))).plain


def test_the_fit_names_pods_and_nodes_by_pool() -> None:
    assert "Capacity  fits in any order: 1 pod on 3 nodes (l4 1, system 2)" in capacity_text()


def test_a_pod_that_does_not_fit_is_named_with_the_reason() -> None:
    assert "  a/b#1: too large\n" in capacity_text(fit="cannot fit", blockedPod="a/b#1", reason="too large")
    assert "  no placement found\n" in capacity_text(fit="not decided", reason="no placement found")


def test_memory_is_shown_with_units_and_tokens_for_every_model() -> None:
    text = capacity_text(memory=[memory(), memory(model="big", kvTokens=0, fits=False)])
    assert "chat   L4   12.0 GiB of 24.0 GiB  2.0 GiB   1.0 GiB     84,260   8,192  fits" in text
    assert "big    L4   12.0 GiB of 24.0 GiB  2.0 GiB   1.0 GiB          0   8,192  does not fit" in text


def test_quotas_show_what_is_asked_of_what_is_given() -> None:
    assert "research       1500m of 8  6.0 GiB of 32.0 GiB  1 of 4  1 of 20  fits" in capacity_text()


def test_a_quota_that_nobody_can_judge_is_neither_a_fit_nor_too_much() -> None:
    (quota,) = capacity()["quotas"]
    open_quota = {**quota, "fits": False, "unknown": ["number of pods of a/web"]}
    assert "1 of 20  not decided" in capacity_text(quotas=[open_quota])
    assert "1 of 20  too much" in capacity_text(quotas=[{**open_quota, "unknown": []}])


def test_what_the_proof_leaves_out_is_counted_and_named() -> None:
    assert "not counted (2): chart a; chart b" in capacity_text(uncounted=["chart a", "chart b"])


def test_the_cost_names_change_budget_and_coverage() -> None:
    text = cost_text("+USD 12.00 against the base")
    assert "Cost  USD 857.12 a month\n  +USD 12.00 against the base; budget USD 1,500.00 a month, 57% used\n" in text
    assert "prices of 2026-11-01 and later; 1 of 1 billable resources priced; a month has 730 hours" in text
    assert "\n  nothing to compare with; budget" in cost_text()


def test_unpriced_resources_are_listed_and_never_shown_as_free() -> None:
    lines = [cost_line(), cost_line(object="s3.Bucket weights", monthly=None, note="billed by use")]
    text = cost_text(lines=lines)
    assert "unpriced (1)\n    s3.Bucket weights: billed by use\n" in text
    assert "USD 0.00" not in text


def test_unpriced_resources_stand_together_by_their_reason() -> None:
    lines = [cost_line(object=name, monthly=None, note=note) for name, note in (("a", "x"), ("b", ""), ("c", "x"))]
    assert "unpriced (3)\n    a, c: x\n    b: no price\n" in cost_text(lines=lines)


def test_a_part_of_the_cost_is_not_said_to_be_the_whole() -> None:
    text = cost_text(priced=1, billable=2)
    assert "Cost  USD 857.12 a month for what has a price (1 of 2 priced)\n" in text
    assert "57% used by what has a price\n" in text


def test_upper_bounds_are_marked_line_by_line() -> None:
    text = cost_text(lines=[cost_line(upperBound=True, note="Spot has no list price")])
    assert "≤ USD 857.12         1  g6.2xlarge per hour  eks.NodeGroup l4  Spot has no list price" in text


def test_the_dearest_line_stands_first() -> None:
    text = cost_text(lines=[cost_line(monthly="1.0000", object="cheap"), cost_line(monthly="9.0000", object="dear")])
    assert text.index("dear") < text.index("cheap")


def test_a_complete_lock_says_nothing() -> None:
    assert lock_text() == ""


def test_an_incomplete_lock_is_counted_and_a_missing_one_is_not_called_incomplete() -> None:
    references = [f"image:{index}" for index in range(10)]
    assert "lock incomplete (10): image:0," in lock_text(unresolved=references)
    assert "and 2 more\n  mend: bedplate lock trial; a digest" in lock_text(unresolved=references)
    assert lock_text(unresolved=[NO_LOCK]) == "\nno lock: nothing is pinned to a digest (bedplate lock trial)\n"


def test_charts_that_are_not_vendored_are_counted_and_named() -> None:
    assert lock_text(notVendored=["a", "b"]) == "\n2 charts not vendored: a, b; their objects are not in this plan\n"
