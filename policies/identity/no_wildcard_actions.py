"""No role of the platform may do everything to a service."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bedplate.graph.resource import Resource
from bedplate.graph.values import is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="IAM policies name the actions that they allow",
    severity=Severity.HIGH,
    rationale="A wildcard action grants what AWS will invent next year. Models and nodes need a handful of actions.",
    fix="list the actions, one by one",
    targets=("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"),
    controls=(Control("NIST SP 800-53", "AC-6"), Control("SOC 2", "CC6.3"), Control("HIPAA", "164.312(a)(1)")),
)

_WANT = "actions without *"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """No Allow statement has ``*`` in an action. A document that only apply can tell is unknown."""
    document = resource.inputs.get("policy")
    if document is None or is_opaque(document):
        yield unknown("policy", _WANT)
        return
    for index, statement in enumerate(_statements(json.loads(str(document)))):
        actions = statement.get("Action", [])
        for action in [actions] if isinstance(actions, str) else actions:
            if statement.get("Effect") == "Allow" and "*" in action:
                yield Finding(path=f"policy.Statement[{index}].Action", got=action, want=_WANT)


def _statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    statements = document.get("Statement", [])
    return [statements] if isinstance(statements, Mapping) else list(statements)
