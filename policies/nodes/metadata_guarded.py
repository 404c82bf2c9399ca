"""Pods cannot borrow the node's AWS rights."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"

POLICY = Policy(
    title="Nodes answer metadata requests with tokens only, and not to pods",
    severity=Severity.HIGH,
    rationale="The instance metadata service hands out the node's credentials. Version 1 gives them to any process "
    "that can be made to fetch a URL; a hop limit above 1 gives them to pods.",
    fix="keep the launch template, or EC2NodeClass, that the pool makes: httpTokens required, hop limit 1",
    targets=(_TEMPLATE, _NODE_GROUP, _NODE_CLASS),
    controls=(Control("CIS EKS 1.8.0", "5.2.1"), Control("NIST SP 800-53", "AC-6"), Control("SOC 2", "CC6.3")),
)

_WANTED = (("httpPutResponseHopLimit", 1), ("httpTokens", "required"))


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """A node group uses a launch template of this environment, which requires IMDSv2 and lets answers travel one hop.

    Both must be written down: what EC2 does without them depends on the image (a hop limit of 2 with Amazon Linux
    2023), and the template that EKS makes for a group without one sets 2 as well.
    """
    if resource.type == _NODE_GROUP:
        yield from _uses_template(resource, context)
        return
    place = ("spec", "metadataOptions") if resource.type == _NODE_CLASS else ("metadataOptions",)
    for key, wanted in _WANTED:
        got, path = get(resource.inputs, *place, key), ".".join((*place, key))
        if is_opaque(got):
            yield unknown(path, str(wanted), got)
        elif got != wanted:
            yield Finding(path=path, got=got, want=str(wanted))


def _uses_template(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    used = resource.inputs.get("launchTemplate")
    sources = resource.property_dependencies.get("launchTemplate", ())
    want = "a launch template of this environment"
    if used is None:
        yield Finding(path="launchTemplate", got=None, want=want)
    elif not any(context.graph[urn].type == _TEMPLATE for urn in sources):
        yield unknown("launchTemplate", want, used)
