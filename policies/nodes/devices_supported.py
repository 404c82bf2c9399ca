"""Production gets its GPUs in a way that NVIDIA supports."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_PATH_LABEL = "bedplate.dev/device-path"

POLICY = Policy(
    title="Production's GPUs are counted, not claimed",
    severity=Severity.MEDIUM,
    rationale="NVIDIA's DRA driver 0.5.0 says of itself that allocation of GPUs is not yet officially supported: who "
    "meets a fault of it in production is alone.",
    fix="set devicePath: devicePlugin on the pool, or waive it with the name of who answers for it",
    targets=(_NODE_GROUP, "kubernetes:core/v1:NodePatch"),
    controls=(Control("NIST SP 800-53", "SA-22"),),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """The nodes do not say that pods claim their GPUs."""
    if not context.production:
        return
    place = ("labels",) if resource.type == _NODE_GROUP else ("metadata", "labels")
    path, want = f'{".".join(place)}["{_PATH_LABEL}"]', "no claims"
    labels = get(resource.inputs, *place, default={})
    found = labels if is_opaque(labels) else (labels or {}).get(_PATH_LABEL)
    if is_opaque(found):
        yield unknown(path, want, found)
    elif found == "dra":
        yield Finding(path=path, got=found, want=want)
