"""What is put into no security group reaches nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_VPC = "aws:ec2/vpc:Vpc"
_DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"

POLICY = Policy(
    title="The default security group of every VPC is empty, and nothing uses it",
    severity=Severity.HIGH,
    rationale="AWS puts whatever names no security group into the default one, whose members reach each other and the "
    "internet until somebody empties it.",
    fix="make the VPC through the network section: it empties the group; name a security group of your own",
    targets=(_VPC, _DEFAULT_GROUP),
    controls=(Control("NIST SP 800-53", "SC-7"), Control("SOC 2", "CC6.6")),
)

_WANT_GROUP = "the default security group of this VPC, taken over and emptied"
_WANT_EMPTY = "no rules"
_WANT_UNUSED = "a security group of its own"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """The group is taken over, both lists of its rules are empty, and no other resource depends on it."""
    if resource.type == _VPC:
        groups = context.graph.of_type(_DEFAULT_GROUP)
        if not any(resource.urn in group.property_dependencies.get("vpcId", ()) for group in groups):
            yield Finding(path="defaultSecurityGroup", got=None, want=_WANT_GROUP)
        return
    for direction in ("ingress", "egress"):
        rules = get(resource.inputs, direction)
        if is_opaque(rules):
            yield unknown(direction, _WANT_EMPTY, rules)
        elif rules:
            yield Finding(path=direction, got=rules, want=_WANT_EMPTY)
    for user in context.graph:
        for path, urns in user.property_dependencies.items():
            if resource.urn in urns:
                yield Finding(path="users", got=f"{user.name}: {path}", want=_WANT_UNUSED)
