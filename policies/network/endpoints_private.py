"""Traffic to endpoints of AWS services stays inside the VPC, and only the VPC can use them."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="Interface endpoints have private names and a security group of their own",
    severity=Severity.MEDIUM,
    rationale="Without private names programs go on to the public address of the service, past the endpoint. Without a "
    "named security group the endpoint stands in the VPC's default one.",
    fix="make the endpoint through network.endpoints",
    targets=("aws:ec2/vpcEndpoint:VpcEndpoint",),
    controls=(Control("NIST SP 800-53", "SC-7"), Control("SOC 2", "CC6.6"), Control("HIPAA", "164.312(e)(1)")),
)

_DNS = "privateDnsEnabled"
_GROUPS = "securityGroupIds"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Private DNS is on and at least one security group is named. Gateways have neither: routes lead to them."""
    kind = get(resource.inputs, "vpcEndpointType")
    if is_opaque(kind):
        yield unknown("vpcEndpointType", "Gateway or Interface", kind)
    if kind != "Interface":
        return
    dns = get(resource.inputs, _DNS)
    if is_opaque(dns):
        yield unknown(_DNS, "true", dns)
    elif dns is not True:
        yield Finding(path=_DNS, got=dns, want="true")
    groups = get(resource.inputs, _GROUPS)
    if is_opaque(groups):
        yield unknown(_GROUPS, "a security group", groups)
    elif not groups:
        yield Finding(path=_GROUPS, got=groups, want="a security group")
