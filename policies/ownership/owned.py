"""Somebody answers for every part, every team and every decision."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.environment.ownership import Area
from bedplate.environment.responsibility import answers
from bedplate.environment.stacks import Layer, parse_stack
from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Level, Policy, PolicyContext, Severity, unknown

_NAMESPACE = "kubernetes:core/v1:Namespace"

POLICY = Policy(
    title="Every part, team and decision has an owner",
    severity=Severity.MEDIUM,
    rationale="What nobody answers for is patched by nobody, and at night nobody is called. The map also tells what "
    "the cloud provider does not do.",
    fix="name who answers in ownership.responsibilities, ownership.decisionRights and teams[].owners",
    targets=(STACK_TYPE, _NAMESPACE),
    level=Level.ADVISORY,
    controls=(Control("NIST SP 800-53", "CM-8(4)"), Control("SOC 2", "CC1.3")),
)

_LAYERS: dict[Area, Layer] = {"cluster": "cluster", "platform": "platform", "models": "models", "waivers": "cluster"}
_WANT_OWNERS = "owners of the team (teams[].owners)"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Parts and decisions are looked at with the stack of their layer, teams with their namespace."""
    if resource.type == _NAMESPACE:
        yield from _team(resource, context)
    else:
        yield from _parts(resource, context)


def _team(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    name = get(resource.inputs, "metadata", "name")
    if is_opaque(name):
        yield unknown("metadata.name", _WANT_OWNERS, name)
        return
    for team in context.environment.environment.teams:
        if team.namespace == name and not team.owners:
            yield Finding(path="owners", got=None, want=_WANT_OWNERS)


def _parts(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    environment = context.environment.environment
    _, layer = parse_stack(resource.stack)
    for answer in answers(environment):
        if answer.unowned and layer in (None, answer.facts.layer):
            path = f"ownership.responsibilities[{answer.part}]"
            want = f"who answers for {answer.facts.covers}: {' or '.join(answer.facts.parties)}"
            yield Finding(path=path, got=answer.unowned, want=want)
    for area, place in _LAYERS.items():
        if layer in (None, place) and not getattr(environment.ownership.decision_rights, area):
            path = f"ownership.decisionRights.{area}"
            yield Finding(path=path, got=None, want=f"who approves changes of {area}")
