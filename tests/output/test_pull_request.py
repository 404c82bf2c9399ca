from __future__ import annotations

from bedplate.output.exits import Exit
from bedplate.output.pull_request import State
from tests.output.builders import cost, platform, policies, review, violation
from tests.output.requests import change, of, request


def test_every_state_follows_from_the_two_sides() -> None:
    assert {item.name: item.state for item in request().environments} == {
        "broken": State.BROKEN,
        "busy": State.CHANGED,
        "gone": State.REMOVED,
        "new": State.NEW,
        "quiet": State.UNCHANGED,
        "unread": State.NOT_COMPARABLE,
    }


def test_the_worst_environment_decides_the_exit_code() -> None:
    same = review(platform())
    poor = review(platform(), cost=cost("2000.0000", overBudget=True))
    forbidden = review(platform(), policies=policies(violation()))
    assert of({"a": change("a", same, poor)}).exit is Exit.BUDGET_OR_CAPACITY
    assert of({"a": change("a", same, poor), "b": change("b", same, forbidden)}).exit is Exit.POLICY
    assert of({"a": change("a", same, same, broken="x"), "b": change("b", same, forbidden)}).exit is Exit.USAGE
    assert of({"a": change("a", same, None)}).exit is Exit.OK


def test_a_base_that_cannot_be_rendered_is_a_failure_and_no_silent_pass() -> None:
    assert of({"a": change("a", None, review(platform()), unread="x")}).exit is Exit.FAILED


def test_an_environment_that_blocks_on_both_sides_is_unchanged_and_still_blocks() -> None:
    forbidden = review(platform(), policies=policies(violation()))
    made = of({"a": change("a", forbidden, forbidden)})
    assert made.changed == ()
    assert made.exit is Exit.POLICY


def test_json_leaves_the_comparison_out_where_there_is_nothing_to_say() -> None:
    documents = {item["environment"]: item for item in request().to_json()["environments"]}
    assert "comparison" not in documents["quiet"]
    assert "comparison" not in documents["broken"]
    assert documents["broken"]["problem"].startswith("environments/broken.yaml:3:1")
    assert documents["busy"]["comparison"]["summary"]["replace"] == 1
