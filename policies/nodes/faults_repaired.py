"""GPUs that fail leave the cluster without anybody's help."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="Nodes with GPUs are repaired when they stay unhealthy",
    severity=Severity.MEDIUM,
    rationale="A GPU with memory errors or a lost bus link keeps its node Ready: pods go on being scheduled there and "
    "fail, and the most expensive machines stand idle until somebody looks.",
    fix="leave repair.enabled of the pool as it is, or set it to true",
    targets=("aws:eks/nodeGroup:NodeGroup",),
    controls=(Control("NIST SP 800-53", "SI-2"), Control("SOC 2", "A1.2")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Node groups whose image has NVIDIA's driver, or whose nodes say that they have GPUs, have repair on."""
    ami, present = resource.inputs.get("amiType", ""), get(resource.inputs, "labels", "nvidia.com/gpu.present")
    enabled = get(resource.inputs, "nodeRepairConfig", "enabled")
    has_gpus = (not is_opaque(ami) and "NVIDIA" in str(ami)) or present == "true"
    if enabled is True or not (has_gpus or is_opaque(ami) or is_opaque(present)):
        return
    if is_opaque(enabled) or not has_gpus:
        yield unknown("nodeRepairConfig.enabled", "true", enabled)
    else:
        yield Finding(path="nodeRepairConfig.enabled", got=enabled, want="true")
