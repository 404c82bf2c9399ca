"""Problems: what they print, their order, and guesses at what was meant."""

from __future__ import annotations

import pytest

from bedplate.model.source import InputError, Position, Problem, did_you_mean

PLACE = Position("environments/dev.yaml", 41, 13)


def test_a_position_prints_so_that_editors_can_jump_to_it() -> None:
    assert str(PLACE) == "environments/dev.yaml:41:13"


def test_a_problem_prints_place_path_message_and_then_what_helps() -> None:
    problem = Problem(
        PLACE,
        "tier",
        "'prod' is not one of the allowed values",
        ("staging", "production"),
        "say it in full",
        "docs/t.md",
    )
    assert problem.render() == (
        "environments/dev.yaml:41:13: tier: 'prod' is not one of the allowed values\n"
        "  allowed: staging, production\n"
        "  hint: say it in full\n"
        "  page: docs/t.md"
    )


def test_a_problem_prints_nothing_for_what_is_not_set() -> None:
    assert Problem(None, "", "there is no environment 'x'").render() == "there is no environment 'x'"
    assert Problem(None, "name", "is required").render() == "name: is required"
    assert Problem(PLACE, "", "the file is empty").render() == "environments/dev.yaml:41:13: the file is empty"


def test_an_input_error_sorts_its_problems_by_place_and_says_each_once() -> None:
    late = Problem(Position("b.yaml", 1, 1), "", "late")
    second = Problem(Position("a.yaml", 10, 2), "", "second")
    first = Problem(Position("a.yaml", 9, 30), "", "first")
    general = Problem(None, "", "general")
    error = InputError([late, second, first, general, first])
    assert error.problems == (general, first, second, late)
    assert str(error) == "general\na.yaml:9:30: first\na.yaml:10:2: second\nb.yaml:1:1: late"


def test_an_input_error_without_a_problem_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one problem"):
        InputError([])


@pytest.mark.parametrize(
    ("word", "guess"),
    [
        ("nodePool", "did you mean nodePools?"),
        ("node_pools", "did you mean nodePools?"),
        ("NODEPOOLS", "did you mean nodePools?"),
        ("teems", "did you mean teams?"),
        ("serv", "did you mean serving?"),
        ("teamster", "did you mean teams?"),
        ("s", ""),
        ("te", ""),
        ("", ""),
        ("flavour", ""),
        ("nodePools" * 8, ""),
    ],
)
def test_a_guess_is_made_for_what_is_close_and_for_nothing_else(word: str, guess: str) -> None:
    assert did_you_mean(word, ["serving", "teams", "nodePools", "stores"]) == guess


def test_the_beginning_of_two_names_is_no_guess() -> None:
    assert did_you_mean("clu", ["clusterName", "clusterVersion"]) == ""


def test_the_order_of_candidates_does_not_change_the_guess() -> None:
    assert did_you_mean("pool", ["pools", "poole"]) == did_you_mean("pool", ["poole", "pools"])
