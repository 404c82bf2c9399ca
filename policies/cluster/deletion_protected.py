"""A production cluster cannot be deleted by one wrong command."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="Production clusters are protected against deletion",
    severity=Severity.HIGH,
    rationale="With the cluster go all models, volumes and queues in it. Protection makes deleting it two changes, and "
    "the first of them is seen in review.",
    fix="write deletionProtection: true into the cluster section",
    targets=("aws:eks/cluster:Cluster",),
    controls=(Control("NIST SP 800-53", "CP-9"), Control("SOC 2", "A1.2")),
)

_PATH = "deletionProtection"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """EKS's own protection is on. It is off unless asked for; other tiers may be thrown away."""
    got = get(resource.inputs, _PATH)
    if not context.production or got is True:
        return
    yield unknown(_PATH, "true", got) if is_opaque(got) else Finding(path=_PATH, got=got, want="true")
