"""What a policy is: a constant that says it in words, and a pure function that looks at one resource.

A policy lives in ``policies/<group>/<slug>.py`` as ``POLICY`` and ``check``; its id is that path. ``check`` yields a
finding for everything that is wrong (`fail`) or that cannot be told offline (`unknown`). No finding means pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque, thaw, walk
from bedplate.model.spec import Refusal

if TYPE_CHECKING:
    from bedplate.environment.resolve import ResolvedEnvironment


class Severity(StrEnum):
    """How bad a violation is; decides the order of findings, not whether they block."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Level(StrEnum):
    """What a violation does: mandatory blocks plan and apply, advisory is shown, off is not evaluated."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    OFF = "off"


class Verdict(StrEnum):
    """Three values, never two: what cannot be told offline is unknown, and unknown on a mandatory policy blocks."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Control:
    """A control of a framework that this policy supports, for example ("CIS EKS 1.8.0", "5.4.1")."""

    framework: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rule in words. `targets` are resource types it looks at; ``*`` matches any run of characters."""

    title: str
    severity: Severity
    rationale: str
    fix: str
    targets: tuple[str, ...]
    level: Level = Level.MANDATORY
    controls: tuple[Control, ...] = ()

    def __post_init__(self) -> None:
        """Raises Refusal for values of other types, which would pass for a policy that never blocks or never looks."""
        for name in ("title", "rationale", "fix"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value:
                raise Refusal(f"{name} of a policy is a text, got {value!r}")
        for kind, value in ((Severity, self.severity), (Level, self.level)):
            if not isinstance(value, kind):
                allowed = tuple(f"{kind.__name__}.{name}" for name in kind.__members__)
                raise Refusal(
                    f"{kind.__name__.lower()} of a policy is a {kind.__name__}, got {value!r}", allowed=allowed
                )
        if not isinstance(self.targets, tuple) or not self.targets:
            raise Refusal(f"targets of a policy are a tuple of resource types, got {self.targets!r}")

    def looks_at(self, resource: Resource) -> bool:
        """Whether `resource` is one of the targets."""
        return any(fnmatchcase(resource.type, pattern) for pattern in self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or that cannot be told: where, what was there, what is wanted."""

    path: str
    got: Json
    want: str
    verdict: Verdict = Verdict.FAIL
    fix: str = ""

    def to_json(self) -> dict[str, Json]:
        data = {
            "path": self.path,
            "got": thaw(self.got),
            "want": self.want,
            "verdict": str(self.verdict),
            "fix": self.fix,
        }
        return {key: value for key, value in data.items() if value not in ("", None)}


@dataclass(frozen=True)
class PolicyContext:
    """What a check may look at beside its resource: the whole Graph with derived pods, the environment, and the day
    on which the plan is judged.
    """

    graph: Graph
    environment: ResolvedEnvironment
    today: date

    @property
    def production(self) -> bool:
        """Whether the environment is the one where most is at stake."""
        return self.environment.environment.tier == "production"

    @cached_property
    def team_namespaces(self) -> frozenset[str]:
        """Names of the namespaces that belong to teams."""
        return frozenset(team.namespace for team in self.environment.environment.teams)

    def in_namespace(self, namespace: str, type_: str) -> Sequence[Resource]:
        """Objects of resource type `type_` that are known to lie in `namespace`, in URN order."""
        return self._by_namespace.get((namespace, type_), ())

    @cached_property
    def sample_pods(self) -> frozenset[str]:
        """URNs of one derived pod of each workload: those that follow from the same template say nothing new."""
        first: dict[str, str] = {}
        for resource in self.graph:
            if resource.derived_from is not None:
                first.setdefault(f"{resource.type} {resource.derived_from}", resource.urn)
        return frozenset(first.values())

    @cached_property
    def _by_namespace(self) -> dict[tuple[str, str], list[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = {}
        for resource in self.graph:
            namespace = get(resource.inputs, "metadata", "namespace")
            if resource.is_kubernetes and isinstance(namespace, str):
                found.setdefault((namespace, resource.type), []).append(resource)
        return found


Check: TypeAlias = Callable[[Resource, PolicyContext], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy with its id and its check."""

    id: str
    policy: Policy
    check: Check


def unknown(path: str, want: str, got: Json = None) -> Finding:
    """A finding for what cannot be told offline: known only after apply, secret, or a document that others keep."""
    return Finding(path=path, got=got, want=want, verdict=Verdict.UNKNOWN)


def has_opaque(value: Json) -> bool:
    """Whether `value`, or anything inside it, is known only after apply or is secret."""
    return any(is_opaque(leaf) for _, leaf in walk(value))
