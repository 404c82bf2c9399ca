"""The policies that judge an environment, and whether the cases of the repository's own hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.files import confined, read_confined
from bedplate.model.yaml_text import MAX_BYTES
from bedplate.output.documents.answers import PoliciesListDocument, PolicyListedDocument
from bedplate.output.lines import Line, Lines, Segment, line, table
from bedplate.output.wording import many
from bedplate.policy.cases import Case, differences, read_cases
from bedplate.policy.evaluate import levels_of
from bedplate.policy.own import POLICIES
from bedplate.policy.policy import Level, Rule, Verdict

_FEWEST = 2
"""Cases that pass, and cases that do not, of a policy that is tested."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One policy at the level that it has in an environment; `file` is empty for those of Bedplate."""

    rule: Rule
    level: Level
    file: str


@dataclass(frozen=True, slots=True)
class Tested:
    """What is wrong with the cases of one policy of the repository's own; good where `problems` is empty."""

    rule: Rule
    cases: int
    problems: tuple[str, ...]


def listed(resolved: ResolvedEnvironment, rules: Sequence[Rule]) -> tuple[Listed, ...]:
    """The policies of `rules`, each with its level in `resolved`."""
    levels = levels_of(rules, resolved)
    return tuple(Listed(rule, levels[rule.id], _file(resolved.root, rule, "py")) for rule in rules)


def tested(resolved: ResolvedEnvironment, items: Sequence[Listed], today: date) -> tuple[Tested, ...]:
    """Run the cases of the repository's own policies, ``<slug>.yaml`` beside each. Raises InputError."""
    return tuple(_tested(resolved, item.rule, today) for item in items if item.file)


def policies_text(items: Sequence[Listed]) -> Lines:
    """The list as people read it."""
    rows = [(item.rule.id, item.level, item.rule.policy.severity, item.rule.policy.title) for item in items]
    own = sum(1 for item in items if item.file)
    more = f", {own} of them of this repository" if own else ""
    head = line(Segment(many(len(items), "policy", "policies") + more, "strong"))
    return Lines([head, *table(("policy", "level", "severity", "title"), [tuple(map(str, row)) for row in rows])])


def tests_text(items: Sequence[Tested]) -> Lines:
    """How the cases went."""
    if not items:
        return Lines([line(f"no policies of this repository's own in {POLICIES}/: there is nothing to test")])
    return Lines(text for item in items for text in _test_lines(item))


def to_json(environment: str, items: Sequence[Listed], tests: Sequence[Tested] | None) -> PoliciesListDocument:
    """The published form (schema ``bedplate.policies/v1``)."""
    policies: list[PolicyListedDocument] = [
        {
            "policy": item.rule.id,
            "level": str(item.level),
            "severity": str(item.rule.policy.severity),
            "title": item.rule.policy.title,
            "fix": item.rule.policy.fix,
            "file": item.file,
        }
        for item in items
    ]
    document: PoliciesListDocument = {
        "schema": "bedplate.policies/v1",
        "environment": environment,
        "policies": policies,
    }
    if tests is not None:
        document["tests"] = [
            {"policy": item.rule.id, "cases": item.cases, "problems": list(item.problems)} for item in tests
        ]
    return document


def _test_lines(item: Tested) -> Iterator[Line]:
    verdict = Segment("fails", "bad") if item.problems else Segment("ok", "good")
    yield line(f"{item.rule.id}: ", verdict, f" ({many(item.cases, 'case')})")
    yield from (line(text, indent=2) for text in item.problems)


def _tested(resolved: ResolvedEnvironment, rule: Rule, today: date) -> Tested:
    assert resolved.root is not None  # it has policies of its own
    file = f"{POLICIES}/{rule.id.replace('-', '_')}.yaml"
    if not confined(resolved.root, file).is_file():
        return Tested(rule, 0, (f"has no cases: write {file}",))
    cases = read_cases(read_confined(resolved.root, file, limit=MAX_BYTES), file, rule.id)
    found = [f"{case.name}: {text}" for case in cases for text in differences(case, rule, resolved, today)]
    return Tested(rule, len(cases), (*_too_few(cases), *found))


def _too_few(cases: Sequence[Case]) -> Iterator[str]:
    passing = sum(1 for case in cases if not case.expect)
    failing = sum(1 for case in cases if Verdict.FAIL in case.verdicts)
    for count, what in ((passing, "pass"), (failing, "fail")):
        if count < _FEWEST:
            yield f"cases that {what}: {count}; at least {_FEWEST} are needed"


def _file(root: Path | None, rule: Rule, suffix: str) -> str:
    """Where a rule of the repository's own stands; empty for one of Bedplate."""
    relative = f"{POLICIES}/{rule.id.replace('-', '_')}.{suffix}"
    return relative if root is not None and confined(root, relative).is_file() else ""
