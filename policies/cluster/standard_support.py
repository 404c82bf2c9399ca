"""The Kubernetes version is in standard support, and will be for a while."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.catalog.support import Support
from bedplate.graph.resource import Resource
from bedplate.graph.values import get
from bedplate.policy.policy import Control, Finding, Level, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="The Kubernetes version is in standard support",
    severity=Severity.MEDIUM,
    rationale="In extended support a control plane costs six times as much, and the way to a supported version grows "
    "by a minor every four months.",
    fix="plan the move to a baseline with a newer Kubernetes: bedplate upgrade",
    targets=("aws:eks/cluster:Cluster",),
    level=Level.ADVISORY,
    controls=(Control("NIST SP 800-53", "SI-2"),),
)

_PATH = "version"
# An upgrade goes through every environment, one after the other: two months are not much.
_NOTICE_DAYS = 60


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Standard support lasts for 60 days or more from the day of the plan."""
    got, facts = get(resource.inputs, _PATH), context.environment.catalog
    support = facts.support(str(got), context.today)
    if support.status == "unknown":
        yield unknown(_PATH, f"a version whose support is known: {', '.join(facts.kubernetes_versions)}", got)
    elif want := _want(support):
        yield Finding(path=_PATH, got=got, want=f"a newer version: {want}")


def _want(support: Support) -> str:
    """What is wrong with the support; empty where nothing is."""
    if support.status == "ended":
        return f"all support ended on {support.ends}"
    left = f"ends in {support.days_left} days, on {support.ends}"
    if support.status == "extended":
        return f"standard support has ended, the control plane costs six times as much, and extended support {left}"
    soon = support.days_left is not None and support.days_left < _NOTICE_DAYS
    return f"standard support {left}" if soon else ""
