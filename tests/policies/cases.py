"""Cases of the shipped policies: where they stand, and the environment that they are judged in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.policy.cases import Case, as_found, findings, read_cases
from bedplate.policy.cases import context_of as context_in
from bedplate.policy.policy import PolicyContext, Rule
from tests.support.environments import PLATFORM, TODAY

__all__ = ["CASES", "ROOT", "Case", "as_found", "case_file", "cases", "context_of", "findings"]

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(__file__).resolve().parent / "cases"


def case_file(rule: Rule) -> Path:
    """Where the cases of a policy stand: beside the tests as the policy stands in its package."""
    return CASES / f"{rule.id.replace('-', '_')}.yaml"


def cases(rule: Rule) -> Iterator[Case]:
    """The cases of one policy; none where its file is missing."""
    if case_file(rule).is_file():
        yield from read_cases(case_file(rule).read_bytes(), case_file(rule).name, rule.id)


@cache
def dev() -> ResolvedEnvironment:
    """The shipped development environment, whose only team is `research`."""
    return load(PLATFORM, "dev")


def context_of(case: Case) -> PolicyContext:
    """What a check sees of a case."""
    return context_in(case, dev(), TODAY)
