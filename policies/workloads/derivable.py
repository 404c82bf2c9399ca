"""What runs can be judged: nothing is left to a controller that nobody can foretell."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.derive.expand import UNDERIVABLE
from bedplate.graph.resource import Resource
from bedplate.policy.policy import Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="The pods of every workload can be derived",
    severity=Severity.HIGH,
    rationale="Policies, capacity and the image list read pods. A workload whose pods cannot be told escapes all three.",
    fix="write the service so that KServe's result is certain; the finding says what is in the way",
    targets=(UNDERIVABLE,),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Every such resource is one unknown."""
    yield unknown("pods", str(resource.inputs["reason"]), str(resource.inputs["subject"]))
