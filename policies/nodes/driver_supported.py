"""GPU drivers still get fixes."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_CLUSTER_POLICY = "kubernetes:nvidia.com/v1:ClusterPolicy"

POLICY = Policy(
    title="The NVIDIA driver of every node is of a branch that NVIDIA supports",
    severity=Severity.MEDIUM,
    rationale="The driver is code in the kernel that the pods of all teams speak to. After the end of its branch a "
    "hole in it stays open.",
    fix="choose a baseline, an AMI release or an operator's driver of a later branch",
    targets=(_NODE_GROUP, _CLUSTER_POLICY),
    controls=(Control("NIST SP 800-53", "SI-2"), Control("SOC 2", "CC7.1")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """The branch of the driver is supported on the day of the plan.

    A node group's driver follows from its AMI type and Kubernetes version; the GPU Operator's is stated, where it
    installs one at all. Nothing is said of images without NVIDIA's driver.
    """
    if resource.type == _CLUSTER_POLICY:
        if get(resource.inputs, "spec", "driver", "enabled") is not False:
            version = get(resource.inputs, "spec", "driver", "version")
            yield from _judge("spec.driver.version", version, version, context)
        return
    ami, kubernetes = get(resource.inputs, "amiType"), get(resource.inputs, "version")
    if ami is None or (not is_opaque(ami) and "NVIDIA" not in str(ami)):
        return
    row = None if is_opaque(ami) or is_opaque(kubernetes) else context.environment.catalog.ami_types.get(str(ami))
    yield from _judge("amiType", ami, row.driver(str(kubernetes)) if row else None, context)


def _judge(path: str, got: Json, driver: Json, context: PolicyContext) -> Iterator[Finding]:
    want = f"a driver that is supported on {context.today.isoformat()}"
    branch = None if driver is None or is_opaque(driver) else context.environment.catalog.driver_branch(str(driver))
    if branch is None:
        yield unknown(path, f"{want}; nothing is known of the branch of this one", got)
    elif branch.support(context.today).status == "ended":
        yield Finding(path=path, got=got, want=f"{want}; branch {branch.branch} ended on {branch.ends.isoformat()}")
