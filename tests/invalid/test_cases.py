"""Every bad input gives its whole message: where, what was found, what is allowed, what to do next."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.environment.load import load
from tests.invalid.cases import STARTS, Case, begin, cases, message_of
from tests.support.environments import repository

ALL = list(cases())


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_bad_input_says_where_what_and_what_next(case: Case, tmp_path: Path) -> None:
    assert case.expect, "a case without its message proves nothing"
    assert message_of(case, tmp_path) == case.expect


def test_there_are_at_least_ninety_bad_inputs_and_no_two_share_a_name() -> None:
    assert len(ALL) >= 90
    assert len({str(case) for case in ALL}) == len(ALL)


@pytest.mark.parametrize("start", sorted(path.stem for path in STARTS.glob("*.yaml")))
def test_what_a_case_starts_from_is_valid_so_that_its_own_change_is_what_is_wrong(start: str, tmp_path: Path) -> None:
    begin(start, repository(tmp_path))

    assert load(tmp_path, "dev").name == "dev"
