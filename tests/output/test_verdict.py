from __future__ import annotations

import pytest

from bedplate.graph.values import Json
from bedplate.output.exits import PRECEDENCE, Exit, Reason, winner
from bedplate.output.reasons import NO_LOCK
from tests.output.builders import (
    capacity,
    comparison,
    cost,
    cost_line,
    memory,
    platform,
    policies,
    review,
    violation,
)


def verdict(**sections: Json) -> str:
    return comparison(review(platform(), **sections), None).verdict


def reasons(**sections: Json) -> dict[str, tuple[int, str]]:
    found = comparison(review(platform(), **sections), review(platform(), **sections)).reasons
    return {item.id: (int(item.exit), item.text) for item in found}


def test_the_verdict_says_changes_then_policy_then_fit_then_cost() -> None:
    assert verdict() == "6 to create; allowed, fits, USD 857.12 a month"


def test_every_kind_of_change_is_counted_in_the_verdict() -> None:
    both = comparison(
        review(platform(cidr="10.9.0.0/16", subnets=3, replicas=2)), review(platform(subnets=2, replicas=1))
    )
    assert both.verdict.startswith("1 to create, 1 to change, 1 to replace; ")


def test_findings_that_block_are_counted_and_others_are_mentioned() -> None:
    assert "not allowed (2 findings)" in verdict(policies=policies(violation(), problems=["a waiver has expired"]))
    assert "allowed with 1 finding," in verdict(policies=policies(violation(blocks=False)))


def test_what_production_lacks_is_never_called_allowed() -> None:
    assert "; not allowed (2 references not resolved, 1 chart not vendored), fits," in verdict(
        tier="production", unresolved=["a", "b"], notVendored=["kserve"]
    )
    assert "; not allowed (1 finding, no lock file)," in verdict(
        tier="production", unresolved=[NO_LOCK], policies=policies(violation())
    )
    assert "; allowed, fits," in verdict(unresolved=["a"], notVendored=["kserve"])


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"fit": "fits only if packed"}, ", fits only if packed,"),
        ({"fit": "cannot fit", "blocked": True}, ", does not fit,"),
        ({"fit": "not decided", "blocked": True}, ", fit not decided,"),
        ({"uncounted": ["a", "b"]}, ", fits (2 not counted),"),
    ],
)
def test_the_fit_is_never_better_than_the_proof(section: dict[str, Json], words: str) -> None:
    assert words in verdict(capacity=capacity(**section))


def test_a_cost_with_gaps_says_so_in_the_verdict() -> None:
    lines = [cost_line(upperBound=True), cost_line(monthly=None)]
    text = verdict(cost=cost(lines=lines, overBudget=True))
    assert text.endswith("up to USD 857.12 a month for what has a price (1 of 2 priced, over budget)")


def test_a_review_without_fault_blocks_nothing() -> None:
    assert reasons() == {}


def test_each_judge_blocks_with_its_own_exit_code() -> None:
    found = reasons(
        policies=policies(violation()),
        capacity=capacity(blocked=True, memory=[memory(fits=False, kvTokens=12)]),
        cost=cost("1600.0000", overBudget=True),
        tier="production",
        unresolved=["nginx:1", "redis:7"],
    )
    assert found == {
        "policy": (4, "1 policy finding must be dealt with"),
        "capacity": (5, "model chat: 12 tokens fit beside the weights, 8,192 are needed"),
        "budget": (5, "USD 1,600.00 a month is above the budget of USD 1,500.00"),
        "lock": (7, "production needs every reference resolved; 2 references not"),
    }


def test_capacity_names_everything_that_does_not_fit() -> None:
    amount = {"cpuMillicores": 1, "memoryBytes": 1, "gpu": 1, "pods": 1, "devices": {}}
    section = capacity(
        blocked=True,
        fit="not decided",
        reason="no placement found in 200000 tries",
        gpuShares=[{"pool": "l4", "worstUtilization": 1.2, "fits": False}],
        quotas=[{"team": "research", "requested": amount, "allowed": amount, "fits": False, "unknown": []}],
    )
    assert reasons(capacity=section)["capacity"] == (
        5,
        "pool l4: runtimes may claim 120% of one GPU's memory; team research: pods ask for more than the quota allows; "
        "pods: not decided: no placement found in 200000 tries",
    )


def test_a_quota_that_nobody_can_judge_blocks_with_what_is_unknown() -> None:
    (quota,) = capacity()["quotas"]
    section = capacity(blocked=True, quotas=[{**quota, "fits": False, "unknown": ["number of pods of a/web"]}])
    assert reasons(capacity=section)["capacity"] == (5, "team research: not decided: number of pods of a/web")


def test_an_incomplete_lock_blocks_production_only() -> None:
    assert "lock" not in reasons(unresolved=["nginx:1"], tier="staging")
    assert reasons(unresolved=[NO_LOCK], tier="production")["lock"] == (7, "production needs a lock, and there is none")


def test_of_several_reasons_the_first_in_the_documented_order_decides() -> None:
    held = [Reason("changes", code, "") for code in reversed(PRECEDENCE)]
    for index, code in enumerate(PRECEDENCE):
        assert winner(held[: len(PRECEDENCE) - index], detailed=True) is code
    assert winner([], detailed=True) is Exit.OK


def test_changes_count_for_the_exit_code_only_where_asked_for() -> None:
    changes = [Reason("changes", Exit.CHANGES, "")]
    assert winner(changes, detailed=False) is Exit.OK
    assert winner(changes, detailed=True) is Exit.CHANGES


def test_a_cost_of_which_nothing_has_a_price_is_unknown_and_not_zero() -> None:
    text = verdict(cost=cost(None, lines=[cost_line(monthly=None)]))
    assert text.endswith("cost unknown (0 of 1 priced)")
    assert "0.00" not in text
