"""What nodes keep on their disks cannot be read from the disks."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
_TRUE = (True, "true")

POLICY = Policy(
    title="Disks of nodes are encrypted",
    severity=Severity.HIGH,
    rationale="Disks hold images, logs, empty directories with model weights, and the credentials of pods. A snapshot "
    "or a disk that is attached elsewhere gives them away unless it is encrypted.",
    fix="keep the launch template, or EC2NodeClass, that the pool makes: each of its volumes says encrypted",
    targets=(_TEMPLATE, _NODE_GROUP, _NODE_CLASS),
    controls=(
        Control("NIST SP 800-53", "SC-28"),
        Control("SOC 2", "CC6.1"),
        Control("HIPAA", "164.312(a)(2)(iv)"),
    ),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """A template, or EC2NodeClass, states every volume, and each is encrypted.

    A volume that is not stated takes what the image says, and EKS's images say nothing. A node group without a template
    starts from one that EKS makes, with such a volume.
    """
    if resource.type == _NODE_GROUP:
        if resource.inputs.get("launchTemplate") is None:
            yield Finding(path="launchTemplate", got=None, want="a launch template with encrypted volumes")
        return
    place = "spec.blockDeviceMappings" if resource.type == _NODE_CLASS else "blockDeviceMappings"
    mappings = get(resource.inputs, *place.split("."))
    if is_opaque(mappings):
        yield unknown(place, "volumes that are encrypted", mappings)
    elif not mappings:
        yield Finding(path=place, got=mappings, want="every volume, encrypted")
    else:
        for index, mapping in enumerate(mappings):
            yield from _volume(f"{place}[{index}]", get(mapping, "ebs", "encrypted"))


def _volume(place: str, encrypted: object) -> Iterator[Finding]:
    path = f"{place}.ebs.encrypted"
    if is_opaque(encrypted):
        yield unknown(path, "true", encrypted)
    elif encrypted not in _TRUE:
        yield Finding(path=path, got=encrypted, want="true")
