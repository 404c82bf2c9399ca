"""The API server is not open to the whole internet."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="The API server is reachable from named ranges only",
    severity=Severity.CRITICAL,
    rationale="An API server that answers everyone is one leaked credential or one new bug away from being taken over.",
    fix="set cluster.endpoint.public: false, or name your own ranges in cluster.endpoint.publicCidrs",
    targets=("aws:eks/cluster:Cluster",),
    controls=(Control("CIS EKS 1.8.0", "5.4.1"), Control("NIST SP 800-53", "SC-7"), Control("SOC 2", "CC6.6")),
)

# Registries never gave one organisation more than an IPv4 /8 or an IPv6 /16: a wider range holds strangers, and so
# does the internet in two halves (0.0.0.0/1 and 128.0.0.0/1).
_WIDEST_PREFIX = {4: 8, 6: 16}
_PUBLIC = "vpcConfig.endpointPublicAccess"
_RANGES = "vpcConfig.publicAccessCidrs"
_WANT = "no public endpoint, or ranges of your own (IPv4 /8 or narrower, IPv6 /16 or narrower)"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Public access is off, or its ranges are listed and each can be one owner's. AWS opens both by default."""
    public = get(resource.inputs, "vpcConfig", "endpointPublicAccess")
    if public is False:
        return
    ranges = get(resource.inputs, "vpcConfig", "publicAccessCidrs")
    if is_opaque(public):
        yield unknown(_PUBLIC, _WANT, public)
    elif is_opaque(ranges):
        yield unknown(_RANGES, _WANT, ranges)
    elif not ranges:
        yield Finding(path=_RANGES, got=ranges, want=f"{_WANT}; AWS takes none as 0.0.0.0/0")
    else:
        for index, cidr in enumerate(ranges):
            if is_opaque(cidr):
                yield unknown(f"{_RANGES}[{index}]", _WANT, cidr)
            elif not _has_one_owner(str(cidr)):
                yield Finding(path=f"{_RANGES}[{index}]", got=cidr, want=_WANT)


def _has_one_owner(cidr: str) -> bool:
    """Whether `cidr` is a range, and narrow enough to belong to one organisation."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _WIDEST_PREFIX[network.version]
