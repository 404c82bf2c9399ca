"""Nodes cannot be reached from the internet."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"

POLICY = Policy(
    title="Nodes have no public addresses",
    severity=Severity.HIGH,
    rationale="A node with a public address is one open port away from the internet, and sends its pods' traffic past "
    "the ways out that were agreed on.",
    fix="leave associatePublicIpAddress out: private subnets give no public address",
    targets=(_TEMPLATE, _NODE_CLASS),
    controls=(Control("CIS EKS 1.8.0", "5.4.3"), Control("NIST SP 800-53", "SC-7"), Control("SOC 2", "CC6.6")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """No network interface of the template asks for one; without interfaces the subnet decides. An EC2NodeClass asks
    for all of them at once."""
    if resource.type == _NODE_CLASS:
        yield from _judge("spec.associatePublicIPAddress", get(resource.inputs, "spec", "associatePublicIPAddress"))
        return
    interfaces = resource.inputs.get("networkInterfaces")
    if is_opaque(interfaces):
        yield unknown("networkInterfaces", "interfaces without public addresses", interfaces)
        return
    for index, interface in enumerate(interfaces or ()):
        path = f"networkInterfaces[{index}].associatePublicIpAddress"
        yield from _judge(path, get(interface, "associatePublicIpAddress"))


def _judge(path: str, got: Json) -> Iterator[Finding]:
    if is_opaque(got):
        yield unknown(path, "false", got)
    elif got in (True, "true"):
        yield Finding(path=path, got=got, want="false")
