"""Security groups admit named peers only."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_GROUP = "aws:ec2/securityGroup:SecurityGroup"
_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

POLICY = Policy(
    title="No security group admits the whole internet",
    severity=Severity.CRITICAL,
    rationale="Nodes and endpoints are reached from inside the VPC; what is meant for everyone stands behind a load "
    "balancer. A group that admits all addresses opens whatever is put into it later.",
    fix="name the ranges or the security groups that need to get in",
    targets=(_GROUP, _RULE),
    controls=(Control("NIST SP 800-53", "SC-7"), Control("SOC 2", "CC6.6")),
)

# As for the API server: a wider range holds strangers.
_WIDEST_PREFIX = {4: 8, 6: 16}
_WANT = "ranges of your own (IPv4 /8 or narrower, IPv6 /16 or narrower), or a security group"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Every range that gets in can be one owner's. Ranges of groups are lists, those of single rules are texts."""
    if resource.type == _RULE:
        for key in ("cidrIpv4", "cidrIpv6"):
            yield from _range(key, get(resource.inputs, key))
        return
    rules = get(resource.inputs, "ingress")
    if is_opaque(rules):
        yield unknown("ingress", _WANT, rules)
        return
    for index, rule in enumerate(rules or ()):
        for key in ("cidrBlocks", "ipv6CidrBlocks"):
            ranges = get(rule, key)
            if is_opaque(rule) or is_opaque(ranges):
                yield unknown(f"ingress[{index}].{key}", _WANT, ranges)
                continue
            for position, cidr in enumerate(ranges or ()):
                yield from _range(f"ingress[{index}].{key}[{position}]", cidr)


def _range(path: str, cidr: Json) -> Iterator[Finding]:
    if cidr is None:
        return
    if is_opaque(cidr):
        yield unknown(path, _WANT, cidr)
    elif not _has_one_owner(str(cidr)):
        yield Finding(path=path, got=cidr, want=_WANT)


def _has_one_owner(cidr: str) -> bool:
    """Whether `cidr` is a range, and narrow enough to belong to one organisation."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _WIDEST_PREFIX[network.version]
