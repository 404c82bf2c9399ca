"""Connections of a VPC are recorded."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Level, Policy, PolicyContext, Severity, unknown

_FLOW_LOG = "aws:ec2/flowLog:FlowLog"

POLICY = Policy(
    title="Every VPC keeps flow logs",
    severity=Severity.MEDIUM,
    rationale="Without records of connections nobody can say afterwards where data went. They cost by volume, which "
    "is why environments without anything to lose may do without.",
    fix="set network.flowLogs, with traffic: all",
    targets=("aws:ec2/vpc:Vpc",),
    level=Level.ADVISORY,
    controls=(Control("NIST SP 800-53", "AU-12"), Control("SOC 2", "CC7.2")),
)

_WANT = "a flow log of this VPC that covers all traffic"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """A flow log belongs to the VPC and records what was let through and what was refused."""
    logs = [
        log for log in context.graph.of_type(_FLOW_LOG) if resource.urn in log.property_dependencies.get("vpcId", ())
    ]
    kinds = [get(log.inputs, "trafficType") for log in logs]
    if "ALL" in kinds or ("ACCEPT" in kinds and "REJECT" in kinds):
        return
    opaque = [kind for kind in kinds if is_opaque(kind)]
    if opaque:
        yield unknown("flowLog.trafficType", _WANT, opaque[0])
    else:
        yield Finding(path="flowLog.trafficType", got=kinds[0] if kinds else None, want=_WANT)
