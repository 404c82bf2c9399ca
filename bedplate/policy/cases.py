"""Cases of policies as data: a small Graph, and every finding that one policy must have about it.

A file of cases is a list. Each case has `name`, `resources` (a Graph's JSON) and `expect`; `tier`, `environment` and
`day` where they matter. Short forms: a resource's URN is its name, which is also how property dependencies refer to it;
`custom` is true. Pods and the like are derived as always.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeAlias

import yaml

from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.graph import Graph, GraphError
from bedplate.graph.resource import Resource
from bedplate.graph.values import canonical, thaw
from bedplate.model.source import InputError, Position, Problem
from bedplate.policy.derived import with_derived
from bedplate.policy.policy import Finding, PolicyContext, Rule, Verdict

Found: TypeAlias = dict[str, Any]
"""One finding as a case writes it: `resource` (its name), `path`, `got` (null where absent), `verdict`."""

_REQUIRED = ("name", "resources", "expect")
_OPTIONAL = ("tier", "environment", "day")
_FOUND = ("resource", "path", "got", "verdict")


@dataclass(frozen=True)
class Case:
    """Resources, and what `policy` (an id) finds about them, in an environment of `tier`, on `day`; None for the
    environment's own tier, and for the day on which it is run. `environment` is laid over the environment: keys as in
    its file, null takes one away.
    """

    policy: str
    name: str
    resources: tuple[Mapping[str, Any], ...]
    expect: tuple[Found, ...]
    tier: str | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    day: date | None = None

    def __str__(self) -> str:
        return f"{self.policy}: {self.name}"

    @property
    def verdicts(self) -> set[str]:
        """The verdicts that are expected; none at all means pass."""
        return {found["verdict"] for found in self.expect} or {str(Verdict.PASS)}


def read_cases(data: bytes, file: str, policy: str) -> tuple[Case, ...]:
    """The cases of `policy` that `data` holds; `file` is how problems name it. Raises InputError."""
    try:
        items = yaml.load(data, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1)
        reason = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise InputError([Problem(place, "", f"is not YAML: {reason}")]) from None
    if not isinstance(items, list):
        raise InputError([Problem(Position(file, 1, 1), "", "must be a list of cases")])
    problems = [problem for index, item in enumerate(items) for problem in _misshapen(item, file, index)]
    if problems:
        raise InputError(problems)
    return tuple(
        Case(
            policy,
            item["name"],
            tuple(item["resources"]),
            tuple({key: found.get(key) for key in _FOUND} for found in item["expect"]),
            **{key: item[key] for key in _OPTIONAL if key in item},
        )
        for item in items
    )


def context_of(case: Case, resolved: ResolvedEnvironment, today: date) -> PolicyContext:
    """What a check sees: the Graph of the case with everything that follows from it, and the environment.

    Raises GraphError for resources that make no Graph, ValueError for an environment that is none.
    """
    resources = [Resource.from_json({"urn": item["name"], "custom": True, **item}) for item in case.resources]
    environment = resolved.environment
    if case.environment:
        plain = environment.model_dump(mode="json", by_alias=True)
        environment = type(environment).model_validate(_laid_over(plain, case.environment))
    if case.tier is not None:
        environment = environment.model_copy(update={"tier": case.tier})
    other = replace(resolved, environment=environment)
    graph = with_derived(Graph(environment=resolved.name, resources=resources), other)
    return PolicyContext(graph, other, case.day or today)


def _laid_over(below: Any, above: Any) -> Any:
    """Maps are laid over each other; everything else replaces."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    laid = {**below, **{key: _laid_over(below.get(key), value) for key, value in above.items()}}
    return {key: value for key, value in laid.items() if value is not None}


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


def differences(case: Case, rule: Rule, resolved: ResolvedEnvironment, today: date) -> Iterator[str]:
    """What `rule` finds and the case does not expect, and the other way round; nothing where the case holds."""
    try:
        context = context_of(case, resolved, today)
    except (GraphError, KeyError) as error:
        yield f"its resources make no Graph: {error}"
        return
    except ValueError as error:
        yield f"its environment is none: {error}"
        return
    found = [canonical(as_found(*item)) for item in findings(rule, context)]
    wanted = [canonical(item) for item in case.expect]
    yield from (f"found, not expected: {item.decode()}" for item in sorted(set(found) - set(wanted)))
    yield from (f"expected, not found: {item.decode()}" for item in sorted(set(wanted) - set(found)))


def _misshapen(item: object, file: str, index: int) -> Iterator[Problem]:
    place, path = Position(file, 1, 1), f"[{index}]"
    if not isinstance(item, dict):
        yield Problem(place, path, "must be a mapping", (*_REQUIRED, *_OPTIONAL))
        return
    for key in _REQUIRED:
        if key not in item:
            yield Problem(place, f"{path}.{key}", "is required")
    for key in item:
        if key not in (*_REQUIRED, *_OPTIONAL):
            yield Problem(place, f"{path}.{key}", "is no key of a case", (*_REQUIRED, *_OPTIONAL))
    for key in ("resources", "expect"):
        if not isinstance(item.get(key, []), list):
            yield Problem(place, f"{path}.{key}", "must be a list")
            return
    for number, found in enumerate(item.get("expect", [])):
        keys = set(found) if isinstance(found, dict) else set()
        if not set(_FOUND) - {"got"} <= keys <= set(_FOUND):
            yield Problem(place, f"{path}.expect[{number}]", "is no finding", _FOUND)
