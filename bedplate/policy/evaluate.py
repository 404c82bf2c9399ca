"""Run policies over a Graph and say what blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bedplate.environment.floor import LEVELS
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import PoliciesSpec, WaiverSpec
from bedplate.graph.diff import object_label
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json
from bedplate.policy.names import unknown_policies
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
    """How one rule went: its verdict over all resources that it looked at, and how many those were.

    A rule that is off looked at none, and its verdict is unknown.
    """

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
    """Run every rule over every resource it looks at.

    `graph` must hold the derived pods. `today` ends waivers and support.
    """
    context = PolicyContext(graph, environment, today)
    settings = environment.environment.policies
    approvers = environment.environment.ownership.decision_rights.waivers
    waivers = [waiver for waiver in settings.waivers if not _refusal(waiver, approvers, today)]
    levels = levels_of(rules, environment)
    results: list[RuleResult] = []
    violations: list[Violation] = []
    for rule in rules:
        level = levels[rule.id]
        targets = [] if level is Level.OFF else [resource for resource in graph if rule.policy.looks_at(resource)]
        found = [
            Violation(rule, level, resource, finding, _waiver(waivers, rule, resource))
            for resource in targets
            for finding in rule.check(resource, context)
        ]
        violations += found
        results.append(_result(rule, level, len(targets), found))
    known = {rule.id for rule in rules}
    problems = (*unknown_policies(environment, known), *_problems(settings, approvers, known, violations, today))
    return PolicyReport(tuple(results), tuple(sorted(violations, key=_worst_first)), problems)


def levels_of(rules: Sequence[Rule], environment: ResolvedEnvironment) -> dict[str, Level]:
    """The level of every rule by its id: the environment's where it names one, else the policy's own; never below the
    floor of the platform repository.
    """
    own = {rule.id: rule.policy.level for rule in rules}
    settings = environment.environment.policies
    asked = own | {item.policy: Level(item.level) for item in settings.levels if item.policy in own}
    floor = environment.floor.spec if environment.floor else None
    if floor is None:
        return asked
    return {rule: max(level, Level(floor.least_level(rule)), key=LEVELS.index) for rule, level in asked.items()}


def _result(rule: Rule, level: Level, evaluated: int, found: Sequence[Violation]) -> RuleResult:
    failed = len({item.resource.urn for item in found if item.finding.verdict is Verdict.FAIL})
    untold = len({item.resource.urn for item in found if item.finding.verdict is Verdict.UNKNOWN})
    verdict = Verdict.FAIL if failed else Verdict.UNKNOWN if untold or level is Level.OFF else Verdict.PASS
    return RuleResult(rule, level, verdict, evaluated, failed, untold)


def _waiver(waivers: Sequence[WaiverSpec], rule: Rule, resource: Resource) -> WaiverSpec | None:
    for waiver in waivers:
        if waiver.policy == rule.id and waiver.target in _names(resource):
            return waiver
    return None


def _names(resource: Resource) -> set[str]:
    """What a waiver may call `resource`: the label in findings, a derived pod's workload, a cloud resource's name."""
    if resource.is_kubernetes:
        return {object_label(resource), str(resource.options.get("owner", object_label(resource)))}
    return {object_label(resource), resource.name}


def _refusal(waiver: WaiverSpec, approvers: Sequence[str], today: date) -> str:
    """Why `waiver` does not hold, whatever it is for; empty where it does. Any approver will do where none is named."""
    if waiver.expires < today:
        return f"expired on {waiver.expires.isoformat()}; renew or remove it"
    if _person(waiver.owner) == _person(waiver.approver):
        return f"owner and approver are the same person ({waiver.owner}); let another one approve it"
    if approvers and waiver.approver.casefold() not in {address.casefold() for address in approvers}:
        return f"{waiver.approver} may not approve it; ownership.decisionRights.waivers names {', '.join(approvers)}"
    return ""


def _person(address: str) -> str:
    """Whom `address` reaches: letter case and what stands after + tell no persons apart."""
    name, _, host = address.casefold().rpartition("@")
    return f"{name.partition('+')[0]}@{host}"


def _problems(
    settings: PoliciesSpec, approvers: Sequence[str], known: set[str], violations: Sequence[Violation], today: date
) -> tuple[str, ...]:
    """Waivers and levels that do not hold or cover nothing: they would hide the day when they are needed."""
    counts = Counter(item.policy for item in settings.levels)
    problems = [f"policies.levels: {name!r} is named {count} times" for name, count in counts.items() if count > 1]
    used = {(item.rule.id, name) for item in violations for name in _names(item.resource)}
    for waiver in settings.waivers:
        where = f"policies.waivers: {waiver.policy} for {waiver.target!r}"
        if waiver.policy not in known:
            continue
        if refusal := _refusal(waiver, approvers, today):
            problems.append(f"{where}: {refusal}")
        elif (waiver.policy, waiver.target) not in used:
            problems.append(f"{where}: covers no finding; remove it, or write its target as the findings do")
        elif len(objects := _objects(waiver, violations)) > 1:
            problems.append(f"{where}: name exactly one: {', '.join(objects)}")
    return tuple(sorted(problems))


def _objects(waiver: WaiverSpec, violations: Sequence[Violation]) -> tuple[str, ...]:
    """The objects that `waiver` would cover, as findings call them; by URN where two are called the same.

    Pods of one workload count as that workload.
    """
    covered = {
        item.resource.urn: str(item.resource.options.get("owner") or object_label(item.resource))
        for item in violations
        if item.rule.id == waiver.policy and waiver.target in _names(item.resource)
    }
    owned = {item.resource.urn for item in violations if item.resource.options.get("owner")}
    single = {urn: label for urn, label in covered.items() if urn not in owned}
    labels = set(covered.values())
    repeated = len(set(single.values())) < len(single)
    return tuple(sorted(single.keys() | (labels - set(single.values())) if repeated else labels))


def _worst_first(violation: Violation) -> tuple[bool, int, str, str, str, str]:
    return (
        not violation.blocks,
        _SEVERITY_ORDER.index(violation.rule.policy.severity),
        violation.rule.id,
        object_label(violation.resource),
        violation.resource.urn,
        violation.finding.path,
    )
