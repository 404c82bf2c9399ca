"""Every case of every policy: all findings, with where, what and verdict."""

from __future__ import annotations

import pytest

from bedplate.policy.discover import rules
from tests.policies.cases import Case, as_found, cases, context_of, findings

RULES = {rule.id: rule for rule in rules()}
ALL = [case for rule in rules() for case in cases(rule)]


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_policy_finds_exactly_what_its_case_says(case: Case) -> None:
    found = [as_found(resource, finding) for resource, finding in findings(RULES[case.policy], context_of(case))]
    assert sorted(found, key=str) == sorted(case.expect, key=str)
