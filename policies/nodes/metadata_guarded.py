"""Pods cannot borrow the node's AWS rights."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="Nodes answer metadata requests with tokens only, and not to pods",
    severity=Severity.HIGH,
    rationale="The instance metadata service hands out the node's credentials. Version 1 gives them to any process that "
    "can be made to fetch a URL; a hop limit above 1 gives them to pods.",
    fix="keep the launch template that the pool makes: httpTokens required, hop limit 1",
    targets=("aws:ec2/launchTemplate:LaunchTemplate",),
    controls=(Control("CIS EKS 1.8.0", "5.2.1"), Control("NIST SP 800-53", "AC-6"), Control("SOC 2", "CC6.3")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """IMDSv2 is required and the response travels one hop. Both are looser by default."""
    options = resource.inputs.get("metadataOptions", {})
    for key, default, wanted in (("httpTokens", "optional", "required"), ("httpPutResponseHopLimit", 1, 1)):
        got = get(options, key, default=default)
        if is_opaque(got):
            yield unknown(f"metadataOptions.{key}", str(wanted))
        elif got != wanted:
            yield Finding(path=f"metadataOptions.{key}", got=got, want=str(wanted))
