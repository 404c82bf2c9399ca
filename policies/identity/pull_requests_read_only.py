"""What a pull request can take on changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, is_opaque
from bedplate.policy.iam import conditions, element, items, parsed, statements
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, has_opaque, unknown

POLICY = Policy(
    title="Roles that pull requests can take read, and change nothing",
    severity=Severity.CRITICAL,
    rationale="A pull request runs what its author wrote, before anybody has read it. Whatever its role can change, "
    "anybody who can open a pull request can change.",
    fix="trust pull requests under plan of bootstrap.ci, and protected environments or branches under apply",
    targets=("aws:iam/role:Role",),
    controls=(Control("NIST SP 800-53", "CM-5"), Control("SOC 2", "CC8.1"), Control("NIST SP 800-53", "AC-6")),
)

_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_INLINE = "aws:iam/rolePolicy:RolePolicy"
_CUSTOMER_POLICY = "aws:iam/policy:Policy"
_TRUST = "assumeRolePolicy"
_PULL_REQUEST = "pull_request"
_READING = ("BatchGet", "Describe", "Get", "List")
# Reading an encrypted state takes its key.
_ALSO_READING = frozenset({"kms:Decrypt"})
_WANT = "actions that read"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Where a subject of a pull request is trusted, all policies of the role are known and allow reading alone.

    Subjects of pull requests are known for GitHub; GitLab's tokens do not tell a merge request from its branch.
    """
    trust = resource.inputs.get(_TRUST)
    if is_opaque(trust) or has_opaque(tuple(_subjects(trust))):
        yield unknown(_TRUST, "subjects that can be read", trust)
    if not any(_fits_pull_requests(str(subject)) for subject in _subjects(trust)):
        return
    for item in context.graph.of_type(_ATTACHMENT):
        if resource.urn in item.property_dependencies.get("role", ()):
            yield from _attached(item, context)
    for item in context.graph.of_type(_INLINE):
        if resource.urn in item.property_dependencies.get("role", ()):
            yield from _document(f"{item.name}.policy", item.inputs.get("policy"))


def _subjects(trust: Json) -> Iterator[Json]:
    """Every subject of a token that a trust policy compares with."""
    if not is_opaque(trust):
        for _, statement in statements(trust, _TRUST):
            for _, key, values in conditions(statement):
                if key.endswith(":sub"):
                    yield from (value for _, value in items(values))


def _fits_pull_requests(subject: str) -> bool:
    """Whether the last part of a subject, or of a pattern that ends in ``*``, is what GitHub writes for them."""
    before, pattern, _ = subject.partition("*")
    last = before.rpartition(":")[2]
    return _PULL_REQUEST.startswith(last) if pattern else last == _PULL_REQUEST


def _attached(attachment: Resource, context: PolicyContext) -> Iterator[Finding]:
    sources = attachment.property_dependencies.get("policyArn", ())
    policies = [context.graph[urn] for urn in sources if context.graph[urn].type == _CUSTOMER_POLICY]
    if not policies:
        yield unknown(f"{attachment.name}.policyArn", _WANT, attachment.inputs.get("policyArn"))
    for policy in policies:
        yield from _document(f"{policy.name}.policy", policy.inputs.get("policy"))


def _document(path: str, document: Json) -> Iterator[Finding]:
    if document is None or is_opaque(document):
        yield unknown(path, _WANT, document)
    elif parsed(document) is None:
        yield Finding(path=path, got=document, want="a policy document in JSON")
    for place, statement in statements(document, path):
        if element(statement, "Effect") != "Deny":
            yield from _actions(place, statement)


def _actions(path: str, statement: Json) -> Iterator[Finding]:
    for place, action in items(element(statement, "Action")):
        if is_opaque(action):
            yield unknown(f"{path}.Action{place}", _WANT, action)
        elif not _reads(str(action)):
            yield Finding(path=f"{path}.Action{place}", got=action, want=_WANT)
    exempt = element(statement, "NotAction")
    if exempt is not None:
        yield Finding(path=f"{path}.NotAction", got=exempt, want=_WANT)


def _reads(action: str) -> bool:
    return action in _ALSO_READING or action.partition(":")[2].startswith(_READING)
