"""Network policies do something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="The VPC CNI enforces network policies",
    severity=Severity.CRITICAL,
    rationale="Kubernetes accepts NetworkPolicy objects whether or not anything enforces them. With the CNI's agent "
    "off every pod reaches every other, and nothing shows it.",
    fix='leave enableNetworkPolicy of the vpc-cni add-on at "true"',
    targets=("aws:eks/addon:Addon",),
    controls=(Control("CIS EKS 1.8.0", "4.3.1"), Control("NIST SP 800-53", "SC-7"), Control("SOC 2", "CC6.6")),
)

_PATH = "configurationValues"
_WANT = 'enableNetworkPolicy: "true"'


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """The add-on's configuration turns the network policy agent on; it is off by default."""
    name, text = get(resource.inputs, "addonName"), get(resource.inputs, _PATH)
    if is_opaque(name):
        yield unknown("addonName", _WANT, name)
    elif name == "vpc-cni" and is_opaque(text):
        yield unknown(_PATH, _WANT, text)
    elif name == "vpc-cni" and _settings(text).get("enableNetworkPolicy") not in ("true", True):
        yield Finding(path=_PATH, got=text, want=_WANT)


def _settings(text: Any) -> dict[str, Any]:
    """The configuration as a mapping; empty for none, and for text that is no JSON object."""
    try:
        settings = json.loads(text or "{}")
    except ValueError:
        return {}
    return settings if isinstance(settings, dict) else {}
