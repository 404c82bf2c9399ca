"""No group of people administers the cluster all the time."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.policy import Control, Finding, Level, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="People are no administrators of a cluster all the time",
    severity=Severity.HIGH,
    rationale="Whoever may do everything all day will one day do it by mistake, or lose the session in which it is "
    "possible. Pipelines apply what was reviewed; people get edit or adminView, and more when they need it.",
    fix="give the group adminView or edit, and keep clusterAdmin for the role that runs bedplate apply",
    targets=("aws:eks/accessPolicyAssociation:AccessPolicyAssociation",),
    level=Level.ADVISORY,
    controls=(Control("CIS EKS 1.8.0", "4.1.1"), Control("NIST SP 800-53", "AC-6"), Control("SOC 2", "CC6.3")),
)

_ENTRY = "aws:eks/accessEntry:AccessEntry"
_WANT = "no clusterAdmin over the whole cluster for a group of people"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """clusterAdmin over the whole cluster belongs to no entry that carries a group's name. Development is free."""
    if context.environment.environment.tier == "development":
        return
    policy, scope = get(resource.inputs, "policyArn"), get(resource.inputs, "accessScope", "type")
    admin = _is(policy, str(policy).endswith("/AmazonEKSClusterAdminPolicy"))
    everywhere = _is(scope, scope == "cluster")
    people = _people(resource, context)
    facts = (admin, everywhere, people)
    if False in facts:
        return
    yield unknown("policyArn", _WANT, policy) if None in facts else Finding(path="policyArn", got=policy, want=_WANT)


def _is(value: Json, answer: bool) -> bool | None:
    """`answer`, or None where `value` is known only after apply."""
    return None if is_opaque(value) else answer


def _people(resource: Resource, context: PolicyContext) -> bool | None:
    """Whether the role's access entry names a group of the identity provider; None where that cannot be told."""
    principal = get(resource.inputs, "principalArn")
    entries = [entry for entry in context.graph.of_type(_ENTRY) if get(entry.inputs, "principalArn") == principal]
    if is_opaque(principal) or not entries:
        return None
    tags = get(entries[0].inputs, "tags")
    return _is(tags, get(tags, "bedplate:group") is not None)
