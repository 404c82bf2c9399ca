from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bedplate.cli.planning import replacement_rules
from bedplate.graph.values import SECRET, UNKNOWN, Json
from bedplate.output.plan import Base, make_plan
from bedplate.output.reasons import NO_LOCK
from bedplate.output.text import comparison_text, plan_text
from tests.output.builders import aws, capacity, comparison, cost, graph, platform, policies, review, violation
from tests.output.cases import CASES
from tests.support.environments import PLATFORM, dev_review


def test_the_first_line_is_the_verdict_and_the_last_is_the_next_command() -> None:
    for both in CASES.values():
        lines = comparison_text(both).plain.splitlines()
        assert lines[0] == f"trial: {both.verdict}"
        assert lines[1] == "compared with 1a2b3c4 (main)"
        assert lines[-1].startswith("next: ")
        assert f"bedplate {'plan' if both.blocked else 'apply'} trial" in lines[-1]


def test_danger_stands_before_changes_and_changes_before_detail() -> None:
    text = comparison_text(CASES["everything-at-once"]).plain
    order = ["\nDanger", "\nChanges", "\nControllers", "\nPolicies", "\nCapacity", "\nCost", "\nlock", "\nnext"]
    places = [text.index(word) for word in order]
    assert places == sorted(places)


def last_line(**overrides: object) -> str:
    return comparison_text(comparison(review(platform(), **overrides), None)).plain.splitlines()[-1]


def test_a_blocked_plan_ends_with_what_mends_it_and_an_open_one_with_apply() -> None:
    assert last_line(policies=policies(violation())) == (
        "next: remove the ACL (stores/private), then bedplate plan trial  "
        "(blocked: 1 policy finding must be dealt with)"
    )
    two = policies(violation(), violation(policy="stores/versioned", fix="keep versions"), problems=["no such policy"])
    assert last_line(policies=two).startswith(
        "next: mend policies, waivers and the floor (Policies, blocks), then remove the ACL (stores/private, and 1 "
        "more under Policies), then bedplate plan trial  ("
    )
    assert last_line(capacity=capacity(fit="cannot fit", blocked=True)).startswith("next: make room for what does not")
    assert last_line(cost=cost(overBudget=True)).startswith("next: lower the cost, or have cost.monthlyBudget raised")
    assert last_line() == "next: bedplate apply trial"


def test_production_without_digests_and_charts_is_led_to_the_lock() -> None:
    lock = {"tier": "production", "unresolved": ["docker.io/a:1", "b:2 (not in the lock)"], "notVendored": []}
    assert last_line(**lock).startswith(
        "next: give 1 reference a digest in extensions/catalog (lock incomplete), then bedplate lock trial, then "
        "bedplate plan trial  (blocked: production needs every reference resolved"
    )
    lock = {"tier": "production", "unresolved": [], "notVendored": ["kserve", "kserve-crd"]}
    assert last_line(**lock).startswith("next: bedplate lock trial --chart kserve=PATH --chart …, for 2 charts, then ")


def test_a_trial_without_lock_or_charts_is_led_to_the_lock_before_it_is_applied() -> None:
    assert last_line(unresolved=[NO_LOCK]) == "next: bedplate lock trial, then bedplate apply trial"
    assert (
        last_line(notVendored=["kserve"]) == "next: bedplate lock trial --chart kserve=PATH, then bedplate apply trial"
    )


def test_findings_of_a_first_plan_are_not_called_new() -> None:
    section = policies(violation(blocks=False))
    assert "new" not in comparison_text(comparison(review(platform(), policies=section), None)).plain
    assert "weights  new" in comparison_text(comparison(review(platform(), policies=section), review(platform()))).plain


def test_notes_on_the_base_follow_its_name() -> None:
    made = make_plan(dev_review(), Base("1a2b3c4 (main)", None, ("dependencies differ",)), replacement_rules(PLATFORM))
    assert plan_text(made).plain.splitlines()[1:3] == ["compared with 1a2b3c4 (main)", "  dependencies differ"]


def test_the_shipped_environment_is_shown_whole() -> None:
    made = make_plan(dev_review(), Base("nothing", None), replacement_rules(PLATFORM))
    text = plan_text(made).plain
    assert text.startswith(f"dev: {len(made.review.graph.registered)} to create; ")
    assert all(change.label in text for change in made.changes)


KEYS = st.text("abc.[]\n", min_size=1, max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(dict(SECRET)) | st.just(dict(UNKNOWN)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(before=st.dictionaries(KEYS, VALUES, max_size=4), after=st.dictionaries(KEYS, VALUES, max_size=4))
def test_marks_of_secret_and_unknown_values_never_appear_raw(before: Json, after: Json) -> None:
    old, new = (graph(aws("sqs/queue:Queue", "q", {"x": inputs})) for inputs in (before, after))
    text = comparison_text(comparison(review(new), review(old))).plain
    assert "$secret" not in text
    assert "$unknown" not in text


def test_an_unknown_fit_is_not_shown_as_a_fit() -> None:
    section = capacity(blocked=True, fit="not decided", reason="no placement found in 200000 tries")
    text = comparison_text(comparison(review(platform(), capacity=section), None)).plain
    assert "fit not decided" in text.splitlines()[0]
    assert "Capacity  not decided: 1 pod on 3 nodes" in text
