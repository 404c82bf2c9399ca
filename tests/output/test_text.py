from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bedplate.cli.planning import replacement_rules
from bedplate.graph.values import SECRET, UNKNOWN, Json
from bedplate.output.plan import Base, make_plan
from bedplate.output.text import comparison_text, plan_text
from tests.output.builders import aws, capacity, comparison, graph, platform, policies, review, violation
from tests.output.cases import CASES
from tests.support.environments import PLATFORM, dev_review


def test_the_first_line_is_the_verdict_and_the_last_is_the_next_command() -> None:
    for both in CASES.values():
        lines = comparison_text(both).plain.splitlines()
        assert lines[0] == f"trial: {both.verdict}"
        assert lines[1] == "compared with 1a2b3c4 (main)"
        assert lines[-1].startswith("next: bedplate ")


def test_danger_stands_before_changes_and_changes_before_detail() -> None:
    text = comparison_text(CASES["everything-at-once"]).plain
    order = ["\nDanger", "\nChanges", "\nControllers", "\nPolicies", "\nCapacity", "\nCost", "\nlock", "\nnext"]
    places = [text.index(word) for word in order]
    assert places == sorted(places)


def test_a_blocked_plan_leads_back_to_plan_and_an_open_one_to_apply() -> None:
    blocked = comparison(review(platform(), policies=policies(violation())), None)
    assert comparison_text(blocked).plain.endswith(
        "next: bedplate plan trial  (blocked: 1 policy finding must be dealt with)\n"
    )
    assert comparison_text(comparison(review(platform()), None)).plain.endswith("next: bedplate apply trial\n")


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
