"""The Kubernetes version still gets security fixes."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="The Kubernetes version is supported by EKS",
    severity=Severity.CRITICAL,
    rationale="After extended support there are no security fixes, and EKS upgrades the control plane by itself, "
    "leaving the nodes behind.",
    fix="move to a baseline with a newer Kubernetes: bedplate upgrade",
    targets=("aws:eks/cluster:Cluster",),
    controls=(Control("NIST SP 800-53", "SI-2"), Control("SOC 2", "CC7.1")),
)

_PATH = "version"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Extended support has not ended on the day of the plan. A version that nobody knows is unknown."""
    got, facts = get(resource.inputs, _PATH), context.environment.catalog
    support = facts.support(str(got), context.today)
    if support.status == "unknown":
        yield unknown(_PATH, f"a version whose support is known: {', '.join(facts.kubernetes_versions)}", got)
    elif support.status == "ended":
        yield Finding(path=_PATH, got=got, want=f"a version with support; extended support ended on {support.ends}")
