"""What runs can be judged: nothing is left to a controller that nobody can foretell."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.derive.expand import UNDERIVABLE
from bedplate.graph.resource import Resource
from bedplate.policy.policy import Finding, Policy, PolicyContext, Severity, Verdict, unknown

# Kinds that make pods and are not derived, with what to write instead.
_INSTEAD = {
    "kubernetes:core/v1:ReplicationController": "write a Deployment",
    "kubernetes:helm.sh/v3:Release": "list the chart under addons, and `bedplate lock` expands it",
    "kubernetes:serving.kserve.io/v1alpha1:InferenceGraph": "write an InferenceService for each step",
    "kubernetes:serving.kserve.io/v1alpha1:LLMInferenceService": "write an InferenceService",
}

POLICY = Policy(
    title="The pods of every workload can be derived",
    severity=Severity.HIGH,
    rationale="Policies, capacity and the image list read pods. A workload whose pods cannot be told escapes all "
    "three.",
    fix="write the service so that KServe's result is certain; the finding says what is in the way",
    targets=(UNDERIVABLE, *_INSTEAD),
)

_WANT = "pods that follow from what is declared"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """What derivation had to leave out is one unknown, and so is every object of a kind that it does not know."""
    if resource.type == UNDERIVABLE:
        yield unknown("pods", _WANT, resource.inputs["reason"])
    else:
        kind = resource.type.rpartition(":")[2]
        yield Finding(
            path="pods",
            got=f"the pods of kind {kind} are made in the cluster",
            want=_WANT,
            verdict=Verdict.UNKNOWN,
            fix=_INSTEAD[resource.type],
        )
