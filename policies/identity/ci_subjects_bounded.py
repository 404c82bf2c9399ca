"""A role that CI runs can take says which runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, is_opaque
from bedplate.policy.iam import conditions, element, items, parsed, statements
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, has_opaque, unknown
from bedplate.units.subject import has_wildcard, unbounded

POLICY = Policy(
    title="Roles that tokens of a CI system can take name audience and subjects",
    severity=Severity.CRITICAL,
    rationale="Everybody's runs have tokens of the same issuer. A trust policy without a subject, or with a wildcard "
    "too early in it, lets strangers' repositories, or any branch, take the role.",
    fix="name the subjects in full in bootstrap.ci, or give a pattern that completes a name of one repository",
    targets=("aws:iam/role:Role",),
    controls=(Control("NIST SP 800-53", "AC-3"), Control("NIST SP 800-53", "CM-5"), Control("SOC 2", "CC6.1")),
)

_PATH = "assumeRolePolicy"
_CLAIMS = ("aud", "sub")
_COMPARING = ("StringEquals", "StringLike")
_WANT = "aud and sub of the token compared with StringEquals, or sub with a bounded pattern"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Every statement for an OIDC provider compares both claims, and every pattern of subjects is bounded."""
    document = resource.inputs.get(_PATH)
    if is_opaque(document):
        yield unknown(_PATH, _WANT, document)
        return
    if document is not None and parsed(document) is None:
        yield Finding(path=_PATH, got=document, want="a policy document in JSON")
    for path, statement in statements(document, _PATH):
        if _by_token(statement):
            yield from _claims(path, statement)


def _by_token(statement: Json) -> bool:
    """Whether an identity provider's tokens, or what cannot be told, are let in."""
    principal = element(statement, "Principal")
    if element(statement, "Effect") == "Deny":
        return False
    federated = element(principal, "Federated") if isinstance(principal, Mapping) else principal
    return has_opaque(federated) or any(":oidc-provider/" in str(item) for _, item in items(federated))


def _claims(path: str, statement: Json) -> Iterator[Finding]:
    found: dict[str, list[tuple[str, Json]]] = {claim: [] for claim in _CLAIMS}
    for operator, key, value in conditions(statement):
        claim = key.rpartition(":")[2]
        if claim in found and operator in _COMPARING:
            place = f"{path}.Condition.{operator}[{key}]"
            found[claim] += [(f"{place}{index}", item) for index, item in items(value)]
    for claim in _CLAIMS:
        if not found[claim]:
            yield Finding(path=f"{path}.Condition", got=None, want=f"{claim} of the token compared")
        for place, value in found[claim]:
            yield from _value(claim, place, value)


def _value(claim: str, place: str, value: Json) -> Iterator[Finding]:
    if is_opaque(value):
        yield unknown(place, _WANT, value)
    elif claim == "aud" and has_wildcard(str(value)):
        yield Finding(path=place, got=value, want="an audience in full")
    elif claim == "sub" and has_wildcard(str(value)) and (why := unbounded(str(value))):
        yield Finding(path=place, got=value, want=f"a bounded subject: {why}")
