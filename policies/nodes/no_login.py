"""Nobody logs in to nodes."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_FIELD = {_NODE_GROUP: "remoteAccess", _TEMPLATE: "keyName"}

POLICY = Policy(
    title="Nodes take no SSH keys",
    severity=Severity.HIGH,
    rationale="Whoever is root on a node reads every secret of its pods, and leaves no trace in the audit log of "
    "Kubernetes. EKS opens port 22 to the internet for remote access without named groups.",
    fix="leave remoteAccess and keyName out; look into nodes with a debug pod, whose creation is logged",
    targets=(_NODE_GROUP, _TEMPLATE),
    controls=(Control("NIST SP 800-53", "AC-6"), Control("SOC 2", "CC6.1"), Control("HIPAA", "164.312(a)(1)")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Neither remote access in the node group, nor a key in its template."""
    field = _FIELD[resource.type]
    got = resource.inputs.get(field)
    if is_opaque(got):
        yield unknown(field, "nothing", got)
    elif got:
        yield Finding(path=field, got=got, want="nothing")
