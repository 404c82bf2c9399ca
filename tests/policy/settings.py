"""Rules, Graphs and environments for tests of the policy engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from bedplate.environment.resolve import ResolvedEnvironment, resolve
from bedplate.environment.sections import LevelSpec, PoliciesSpec, WaiverSpec
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import freeze
from bedplate.policy.policy import Finding, Level, Policy, PolicyContext, Rule, Severity, unknown
from tests.support.environments import PLATFORM

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 21)


def rule(
    id_: str, *, level: Level = Level.MANDATORY, severity: Severity = Severity.HIGH, targets: str = "aws:s3/*"
) -> Rule:
    """A rule that wants ``colour: blue``: another colour fails, and ``?`` cannot be told."""
    policy = Policy(
        title=f"Title of {id_}",
        severity=severity,
        rationale="Blue is calm.",
        fix="paint it blue",
        targets=(targets,),
        level=level,
    )
    return Rule(id_, policy, _is_blue)


def _is_blue(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    got = resource.inputs.get("colour")
    if got == "?":
        yield unknown("colour", "blue")
    elif got != "blue":
        yield Finding(path="colour", got=got, want="blue")


def bucket(name: str, colour: str) -> Resource:
    """A bucket of a colour."""
    return Resource(
        urn=f"urn:{name}", type="aws:s3/bucket:Bucket", name=name, entry="stores[s]", inputs=freeze({"colour": colour})
    )


def graph(*resources: Resource) -> Graph:
    """A Graph of these resources."""
    return Graph(environment="dev", resources=resources)


def environment(*, levels: tuple[LevelSpec, ...] = (), waivers: tuple[WaiverSpec, ...] = ()) -> ResolvedEnvironment:
    """The shipped `dev` with these levels and waivers."""
    dev = resolve(PLATFORM, "dev")
    policies = PoliciesSpec(levels=levels, waivers=waivers)
    return replace(dev, environment=dev.environment.model_copy(update={"policies": policies}))


def level(policy: str, level: str) -> LevelSpec:
    """Another level for a policy."""
    return LevelSpec.model_validate({"policy": policy, "level": level, "reason": "written by a test"})


def waiver(policy: str, target: str, *, expires: date = TODAY, approver: str = "grace@example.org") -> WaiverSpec:
    """A waiver that Ada asks for; it holds today and no longer."""
    return WaiverSpec(
        policy=policy,
        target=target,
        reason="written by a test",
        owner="ada@example.org",
        approver=approver,
        expires=expires,
    )
