"""No role of the platform may do everything to a service."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.iam import element, items, parsed
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_ROLE = "aws:iam/role:Role"
_CUSTOMER_POLICY = "aws:iam/policy:Policy"

POLICY = Policy(
    title="IAM policies name the actions that they allow",
    severity=Severity.HIGH,
    rationale="A wildcard action grants what AWS will invent next year. Models and nodes need a handful of actions.",
    fix="list the actions, one by one",
    targets=(_CUSTOMER_POLICY, "aws:iam/rolePolicy:RolePolicy", _ROLE, _ATTACHMENT),
    controls=(Control("NIST SP 800-53", "AC-6"), Control("SOC 2", "CC6.3"), Control("HIPAA", "164.312(a)(1)")),
)

# Policies that AWS maintains for EKS and in which it names every action (AWS Managed Policy Reference Guide).
_NAMED_BY_AWS = frozenset(
    {
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEKSClusterPolicy",
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKS_CNI_Policy",
        "service-role/AmazonEBSCSIDriverPolicy",
        "service-role/AmazonEFSCSIDriverPolicy",
    }
)
_EVERYTHING = ("AdministratorAccess", "FullAccess", "PowerUserAccess")
_WANT = "actions by name, without * and ?"
_WANT_ATTACHED = "a policy of this environment, or one of AWS in which every action is known to be named"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """No Allow statement has a wildcard in an action or allows all but a few, and nothing broader is attached."""
    inputs = resource.inputs
    if resource.type == _ATTACHMENT:
        sources = resource.property_dependencies.get("policyArn", ())
        if not any(context.graph[urn].type == _CUSTOMER_POLICY for urn in sources):
            yield from _attached("policyArn", inputs.get("policyArn"))
    elif resource.type == _ROLE:
        for place, inline in items(inputs.get("inlinePolicies")):
            yield from _document(f"inlinePolicies{place}.policy", get(inline, "policy"))
        for place, arn in items(inputs.get("managedPolicyArns")):
            yield from _attached(f"managedPolicyArns{place}", arn)
    else:
        yield from _document("policy", inputs.get("policy"))


def _attached(path: str, arn: Json) -> Iterator[Finding]:
    """A policy that is not a resource of this environment: only its name can be judged."""
    name_at_aws = str(arn).partition(":iam::aws:policy/")[2]
    if name_at_aws.endswith(_EVERYTHING):
        yield Finding(path=path, got=arn, want=_WANT_ATTACHED)
    elif name_at_aws not in _NAMED_BY_AWS:
        yield unknown(path, _WANT_ATTACHED, arn)


def _document(path: str, document: Json) -> Iterator[Finding]:
    if document is None or is_opaque(document):
        yield unknown(path, _WANT, document)
        return
    found = parsed(document)
    if found is None:
        yield Finding(path=path, got=document, want="a policy document in JSON")
        return
    for place, statement in items(element(found, "Statement")):
        yield from _statement(f"{path}.Statement{place}", statement)


def _statement(path: str, statement: Json) -> Iterator[Finding]:
    if element(statement, "Effect") == "Deny":
        return
    exempt = element(statement, "NotAction")
    if exempt is not None and not is_opaque(exempt):
        yield Finding(path=f"{path}.NotAction", got=exempt, want=_WANT)
    for place, action in items(element(statement, "Action")):
        if is_opaque(action):
            yield unknown(f"{path}.Action{place}", _WANT, action)
        elif any(sign in str(action) for sign in "*?"):
            yield Finding(path=f"{path}.Action{place}", got=action, want=_WANT)
