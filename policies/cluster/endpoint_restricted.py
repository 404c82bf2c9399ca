"""The API server is not open to the whole internet."""

from __future__ import annotations

from collections.abc import Iterator

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

_EVERYONE = ("0.0.0.0/0", "::/0")
_WANT = "endpointPublicAccess false, or ranges smaller than the internet"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Public access is off, or its ranges are listed and none is the whole internet. AWS opens both by default."""
    public = get(resource.inputs, "vpcConfig", "endpointPublicAccess", default=True)
    if public is False:
        return
    if is_opaque(public):
        yield unknown("vpcConfig.endpointPublicAccess", _WANT)
        return
    ranges = get(resource.inputs, "vpcConfig", "publicAccessCidrs", default=_EVERYONE[:1])
    if is_opaque(ranges):
        yield unknown("vpcConfig.publicAccessCidrs", _WANT)
        return
    for index, cidr in enumerate(ranges):
        if cidr in _EVERYONE:
            yield Finding(path=f"vpcConfig.publicAccessCidrs[{index}]", got=cidr, want=_WANT)
