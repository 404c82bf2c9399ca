"""Cases of the policies as data: a small Graph, and every finding that one policy must have about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import thaw
from bedplate.policy.derived import with_derived
from bedplate.policy.policy import Finding, PolicyContext, Rule, Verdict
from tests.support.environments import PLATFORM, TODAY

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(__file__).resolve().parent / "cases"

Found: TypeAlias = dict[str, Any]
"""One finding as a case writes it: `resource` (its name), `path`, `got` (null where absent), `verdict`."""


@dataclass(frozen=True)
class Case:
    """Resources in the Graph's JSON, and what `policy` finds about them. `policy` is an id.

    Short forms: a resource's URN is its name, which is also how property dependencies refer to it; `custom` is true.
    Pods and the like are derived as always. The environment is the shipped `dev`, whose only team is `research`, with
    another `tier` where the case says so. It is judged on `day`.
    """

    policy: str
    name: str
    resources: tuple[Mapping[str, Any], ...]
    expect: tuple[Found, ...]
    tier: str = "development"
    day: date = TODAY

    def __str__(self) -> str:
        return f"{self.policy}: {self.name}"

    @property
    def verdicts(self) -> set[str]:
        """The verdicts that are expected; none at all means pass."""
        return {found["verdict"] for found in self.expect} or {str(Verdict.PASS)}


def case_file(rule: Rule) -> Path:
    """Where the cases of a policy stand: beside the tests as the policy stands in its package."""
    return CASES / f"{rule.id.replace('-', '_')}.yaml"


def cases(rule: Rule) -> Iterator[Case]:
    """The cases of one policy; none where its file is missing."""
    if case_file(rule).is_file():
        for item in yaml.safe_load(case_file(rule).read_text(encoding="utf-8")):
            more = {key: item[key] for key in ("tier", "day") if key in item}
            yield Case(rule.id, item["name"], tuple(item["resources"]), tuple(item["expect"]), **more)


@cache
def dev() -> ResolvedEnvironment:
    """The shipped development environment."""
    return load(PLATFORM, "dev")


def context_of(case: Case) -> PolicyContext:
    """What a check sees: the Graph of the case with everything that follows from it, and the environment."""
    resources = [Resource.from_json({"urn": item["name"], "custom": True, **item}) for item in case.resources]
    environment = dev().environment.model_copy(update={"tier": case.tier})
    resolved = replace(dev(), environment=environment)
    graph = with_derived(Graph(environment="dev", resources=resources), resolved)
    return PolicyContext(graph, resolved, case.day)


def findings(rule: Rule, context: PolicyContext) -> list[tuple[Resource, Finding]]:
    """Everything that `rule` finds, in the order of the Graph."""
    targets = [resource for resource in context.graph if rule.policy.looks_at(resource)]
    return [(resource, finding) for resource in targets for finding in rule.check(resource, context)]


def as_found(resource: Resource, finding: Finding) -> Found:
    """A finding in the form of a case."""
    return {
        "resource": resource.name,
        "path": finding.path,
        "got": thaw(finding.got),
        "verdict": str(finding.verdict),
    }
