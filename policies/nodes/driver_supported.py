"""GPU drivers still get fixes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bedplate.catalog.fields import Architecture
from bedplate.catalog.hardware import AmiFamily
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_CLUSTER_POLICY = "kubernetes:nvidia.com/v1:ClusterPolicy"
_NVIDIA_DRIVER = "kubernetes:nvidia.com/v1alpha1:NVIDIADriver"
_NODE = "kubernetes:core/v1:NodePatch"
# What the image of an operator's driver need not tell, and nobody else tells of nodes that are there.
_STATED = ("metadata", "annotations", "bedplate.dev/driver")
_NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
# Parameters of images with NVIDIA's driver, as Bedplate writes them (environment/karpenter.py).
_IMAGES: tuple[tuple[AmiFamily, str], ...] = (
    ("AL2023", r"/aws/service/eks/optimized-ami/(?P<version>[^/]+)/amazon-linux-2023/(?P<arch>[^/]+)/nvidia/.*"),
    ("BOTTLEROCKET", r"/aws/service/bottlerocket/aws-k8s-(?P<version>[0-9.]+)-nvidia(?:-fips)?/(?P<arch>[^/]+)/.*"),
)

POLICY = Policy(
    title="The NVIDIA driver of every node is of a branch that NVIDIA supports",
    severity=Severity.MEDIUM,
    rationale="The driver is code in the kernel that the pods of all teams speak to. After the end of its branch a "
    "hole in it stays open.",
    fix="choose a baseline or an AMI release with a driver of a later branch; nodes that carry theirs need another one",
    targets=(_NODE_GROUP, _CLUSTER_POLICY, _NVIDIA_DRIVER, _NODE, _NODE_CLASS),
    controls=(Control("NIST SP 800-53", "SI-2"), Control("SOC 2", "CC7.1")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """The branch of the driver is supported on the day of the plan.

    A node group's driver follows from its AMI type and Kubernetes version; that of nodes that are there is stated, and
    so is the GPU Operator's, where it installs one at all: by a ClusterPolicy, or by NVIDIADrivers. An EC2NodeClass
    names the image by a parameter. Nothing is said of images and nodes without GPUs.
    """
    if resource.type == _NODE_GROUP:
        yield from _node_group(resource, context)
    elif resource.type == _NODE_CLASS:
        yield from _node_class(get(resource.inputs, "spec", "amiSelectorTerms", default=()), context)
    elif resource.type == _CLUSTER_POLICY:
        driver = get(resource.inputs, "spec", "driver")
        if get(driver, "enabled") is not False and get(driver, "useNvidiaDriverCRD") is not True:
            yield from _judge("spec.driver.version", get(driver, "version"), get(driver, "version"), context)
    elif resource.type == _NVIDIA_DRIVER or _carries_driver(resource):
        stated, version = get(resource.inputs, *_STATED), get(resource.inputs, "spec", "version")
        found = ("spec.version", version) if stated is None and version else (".".join(_STATED), stated)
        yield from _judge(*found, found[1], context)


def _carries_driver(node: Resource) -> bool:
    """Whether a node has GPUs that no operator drives."""
    labels = get(node.inputs, "metadata", "labels", default={})
    return "nvidia.com/gpu.present" in labels and "bedplate.dev/driver-from" not in labels


def _node_group(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    ami, kubernetes = get(resource.inputs, "amiType"), get(resource.inputs, "version")
    if ami is None or (not is_opaque(ami) and "NVIDIA" not in str(ami)):
        return
    row = None if is_opaque(ami) or is_opaque(kubernetes) else context.environment.catalog.ami_types.get(str(ami))
    yield from _judge("amiType", ami, row.driver(str(kubernetes)) if row else None, context)


def _node_class(terms: Json, context: PolicyContext) -> Iterator[Finding]:
    catalog = context.environment.catalog
    for index, term in enumerate(() if is_opaque(terms) else terms):
        parameter = str(get(term, "ssmParameter", default=""))
        for family, pattern in _IMAGES:
            if found := re.fullmatch(pattern, parameter):
                arch: Architecture = "arm64" if found["arch"] == "arm64" else "x86_64"
                row = catalog.ami_type_for(arch, gpu=True, family=family)
                path = f"spec.amiSelectorTerms[{index}].ssmParameter"
                yield from _judge(path, parameter, row.driver(found["version"]) if row else None, context)


def _judge(path: str, got: Json, driver: Json, context: PolicyContext) -> Iterator[Finding]:
    want = f"a driver that is supported on {context.today.isoformat()}"
    branch = None if driver is None or is_opaque(driver) else context.environment.catalog.driver_branch(str(driver))
    if branch is None:
        yield unknown(path, f"{want}; nothing is known of the branch of this one", got)
    elif branch.support(context.today).status == "ended":
        yield Finding(path=path, got=got, want=f"{want}; branch {branch.branch} ended on {branch.ends.isoformat()}")
