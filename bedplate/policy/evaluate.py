"""Run policies over a Graph and say what blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import WaiverSpec
from bedplate.graph.diff import object_label
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json
from bedplate.policy.policy import Finding, Level, PolicyContext, Rule, Severity, Verdict

_SEVERITY_ORDER = [Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW]


@dataclass(frozen=True, slots=True)
class Violation:
    """A finding about one resource under one rule, and whether a waiver covers it."""

    rule: Rule
    level: Level
    resource: Resource
    finding: Finding
    waiver: WaiverSpec | None = None

    @property
    def blocks(self) -> bool:
        """Mandatory, and no waiver holds."""
        return self.level is Level.MANDATORY and self.waiver is None

    @property
    def fix(self) -> str:
        """What to do: the finding's own advice, else the policy's."""
        return self.finding.fix or self.rule.policy.fix

    def to_json(self) -> dict[str, Json]:
        return {
            **self.finding.to_json(),
            "policy": self.rule.id,
            "severity": str(self.rule.policy.severity),
            "level": str(self.level),
            "object": object_label(self.resource),
            "urn": self.resource.urn,
            "entry": self.resource.entry,
            "fix": self.fix,
            "blocks": self.blocks,
            "waivedUntil": self.waiver.expires.isoformat() if self.waiver else None,
        }


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule went: its verdict over all resources that it looked at, and how many those were."""

    rule: Rule
    level: Level
    verdict: Verdict
    evaluated: int
    failed: int
    unknown: int

    def to_json(self) -> dict[str, Json]:
        return {
            "policy": self.rule.id,
            "title": self.rule.policy.title,
            "level": str(self.level),
            "verdict": str(self.verdict),
            "evaluated": self.evaluated,
            "failed": self.failed,
            "unknown": self.unknown,
        }


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """All rules and all violations, the worst first. `problems` are waivers and levels that do not hold."""

    results: tuple[RuleResult, ...]
    violations: tuple[Violation, ...]
    problems: tuple[str, ...]

    @property
    def blocking(self) -> tuple[Violation, ...]:
        """Violations that stop plan and apply."""
        return tuple(item for item in self.violations if item.blocks)

    @property
    def blocked(self) -> bool:
        """Whether anything stops plan and apply."""
        return bool(self.blocking or self.problems)

    def to_json(self) -> dict[str, Json]:
        return {
            "blocked": self.blocked,
            "results": [result.to_json() for result in self.results],
            "violations": [violation.to_json() for violation in self.violations],
            "problems": list(self.problems),
        }


def evaluate(graph: Graph, environment: ResolvedEnvironment, rules: Sequence[Rule], *, today: date) -> PolicyReport:
    """Run every rule over every resource it looks at. `graph` must hold the derived pods; `today` ends waivers."""
    context = PolicyContext(graph, environment)
    levels = {item.policy: Level(item.level) for item in environment.environment.policies.levels}
    waivers = environment.environment.policies.waivers
    results: list[RuleResult] = []
    violations: list[Violation] = []
    for rule in rules:
        level = levels.get(rule.id, rule.policy.level)
        if level is Level.OFF:
            results.append(RuleResult(rule, level, Verdict.PASS, 0, 0, 0))
            continue
        targets = [resource for resource in graph if rule.policy.looks_at(resource)]
        found = [
            Violation(rule, level, resource, finding, _waiver(waivers, rule, resource, today))
            for resource in targets
            for finding in rule.check(resource, context)
        ]
        violations += found
        results.append(_result(rule, level, len(targets), found))
    return PolicyReport(
        tuple(results), tuple(sorted(violations, key=_worst_first)), _stale(environment, rules, violations, today)
    )


def _result(rule: Rule, level: Level, evaluated: int, found: Sequence[Violation]) -> RuleResult:
    failed = len({item.resource.urn for item in found if item.finding.verdict is Verdict.FAIL})
    untold = len({item.resource.urn for item in found if item.finding.verdict is Verdict.UNKNOWN})
    verdict = Verdict.FAIL if failed else Verdict.UNKNOWN if untold else Verdict.PASS
    return RuleResult(rule, level, verdict, evaluated, failed, untold)


def _waiver(waivers: Sequence[WaiverSpec], rule: Rule, resource: Resource, today: date) -> WaiverSpec | None:
    for waiver in waivers:
        if waiver.policy == rule.id and waiver.target == object_label(resource) and waiver.expires >= today:
            return waiver
    return None


def _stale(
    environment: ResolvedEnvironment, rules: Sequence[Rule], violations: Sequence[Violation], today: date
) -> tuple[str, ...]:
    """Waivers and levels that name nothing real: they would hide the day when they are needed."""
    known = {rule.id for rule in rules}
    policies = environment.environment.policies
    problems = [
        f"policies.levels: {item.policy!r} is not a policy" for item in policies.levels if item.policy not in known
    ]
    used = {(item.rule.id, object_label(item.resource)) for item in violations}
    for waiver in policies.waivers:
        where = f"policies.waivers: {waiver.policy} for {waiver.target!r}"
        if waiver.policy not in known:
            problems.append(f"{where}: there is no such policy")
        elif waiver.expires < today:
            problems.append(f"{where}: expired on {waiver.expires.isoformat()}; renew or remove it")
        elif waiver.owner == waiver.approver:
            problems.append(f"{where}: owner and approver are the same person")
        elif (waiver.policy, waiver.target) not in used:
            problems.append(f"{where}: covers no finding; remove it")
    return tuple(sorted(problems))


def _worst_first(violation: Violation) -> tuple[bool, int, str, str, str]:
    return (
        not violation.blocks,
        _SEVERITY_ORDER.index(violation.rule.policy.severity),
        violation.rule.id,
        object_label(violation.resource),
        violation.finding.path,
    )
