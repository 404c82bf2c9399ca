"""No role of the platform may do everything to a service."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
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
        for place, inline in _items(inputs.get("inlinePolicies")):
            yield from _document(f"inlinePolicies{place}.policy", get(inline, "policy"))
        for place, arn in _items(inputs.get("managedPolicyArns")):
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
    parsed = _parsed(document)
    if parsed is None:
        yield Finding(path=path, got=document, want="a policy document in JSON")
        return
    for place, statement in _items(_element(parsed, "Statement")):
        yield from _statement(f"{path}.Statement{place}", statement)


def _parsed(document: Json) -> Mapping[str, Json] | None:
    """The document as a map, which it already is where the program did not write text; None for what is no document."""
    try:
        parsed = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return None
    return parsed if isinstance(parsed, Mapping) else None


def _statement(path: str, statement: Json) -> Iterator[Finding]:
    if _element(statement, "Effect") == "Deny":
        return
    exempt = _element(statement, "NotAction")
    if exempt is not None and not is_opaque(exempt):
        yield Finding(path=f"{path}.NotAction", got=exempt, want=_WANT)
    for place, action in _items(_element(statement, "Action")):
        if is_opaque(action):
            yield unknown(f"{path}.Action{place}", _WANT, action)
        elif any(sign in str(action) for sign in "*?"):
            yield Finding(path=f"{path}.Action{place}", got=action, want=_WANT)


def _element(block: Json, name: str) -> Json:
    """An element of a document by its name in any letter case, so that no spelling that IAM takes hides one."""
    if is_opaque(block):
        return block
    if not isinstance(block, Mapping):
        return None
    return next((value for key, value in block.items() if key.lower() == name.lower()), None)


def _items(value: Json) -> list[tuple[str, Json]]:
    """IAM writes a single item without its list: each item with its place in the path (``[0]``, or nothing)."""
    if value is None:
        return []
    if isinstance(value, str | Mapping):
        return [("", value)]
    return [(f"[{index}]", item) for index, item in enumerate(value)]
