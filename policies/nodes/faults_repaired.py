"""GPUs that fail leave the cluster without anybody's help."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.environment.karpenter import NODE_REPAIR, controller
from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_PRESENT = ("spec", "template", "metadata", "labels", "nvidia.com/gpu.present")
_GATE = "NodeRepair=true"

POLICY = Policy(
    title="Nodes with GPUs are repaired when they stay unhealthy",
    severity=Severity.MEDIUM,
    rationale="A GPU with memory errors or a lost bus link keeps its node Ready: pods go on being scheduled there and "
    "fail, and the most expensive machines stand idle until somebody looks.",
    fix="leave repair.enabled of the pool as it is, or set it to true; of Karpenter's pools set "
    "settings.featureGates.nodeRepair of the add-on karpenter to true",
    targets=(_NODE_GROUP, _NODE_POOL),
    controls=(Control("NIST SP 800-53", "SI-2"), Control("SOC 2", "A1.2")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Node groups whose image has NVIDIA's driver, or whose nodes say that they have GPUs, have repair on.

    Karpenter repairs the nodes of all its pools, or of none: its controller is told by a feature gate (NodeRepair).
    Where its chart is not expanded yet, the add-on's value says what it will be told.
    """
    if resource.type == _NODE_POOL:
        yield from _karpenter(resource, context)
        return
    ami, present = resource.inputs.get("amiType", ""), get(resource.inputs, "labels", "nvidia.com/gpu.present")
    enabled = get(resource.inputs, "nodeRepairConfig", "enabled")
    has_gpus = (not is_opaque(ami) and "NVIDIA" in str(ami)) or present == "true"
    if enabled is True or not (has_gpus or is_opaque(ami) or is_opaque(present)):
        return
    if is_opaque(enabled) or not has_gpus:
        yield unknown("nodeRepairConfig.enabled", "true", enabled)
    else:
        yield Finding(path="nodeRepairConfig.enabled", got=enabled, want="true")


def _karpenter(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    present = get(resource.inputs, *_PRESENT)
    if present != "true" and not is_opaque(present):
        return
    gates = [gate for item in context.graph.of_type(_DEPLOYMENT) for gate in _gates(item)]
    chart = controller(context.environment.environment)
    if not gates and chart is not None:
        gates = [_GATE if chart.values.get(NODE_REPAIR) is True else ""]
    path, want = ".".join(_PRESENT), f"a controller of Karpenter with the feature gate {_GATE}"
    if not gates:
        yield unknown(path, f"{want}; none is in the plan", present)
    elif not any(_GATE in gate.split(",") for gate in gates):
        yield unknown(path, want, present) if is_opaque(present) else Finding(path=path, got=present, want=want)


def _gates(deployment: Resource) -> Iterator[str]:
    """Feature gates of Karpenter's controller, where the Deployment is that."""
    containers = get(deployment.inputs, "spec", "template", "spec", "containers", default=())
    for container in () if is_opaque(containers) else containers:
        env = get(container, "env", default=())
        told = {str(get(item, "name")): str(get(item, "value")) for item in (() if is_opaque(env) else env)}
        if "KARPENTER_SERVICE" in told and "FEATURE_GATES" in told:
            yield told["FEATURE_GATES"]
