"""Who did what in the cluster is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, has_opaque, unknown

POLICY = Policy(
    title="The control plane's audit log is kept",
    severity=Severity.HIGH,
    rationale="Without the audit log nobody can say afterwards who read a secret or changed a model.",
    fix="add audit and authenticator to cluster.logs",
    targets=("aws:eks/cluster:Cluster",),
    controls=(
        Control("CIS EKS 1.8.0", "2.1.1"),
        Control("NIST SP 800-53", "AU-12"),
        Control("SOC 2", "CC7.2"),
        Control("HIPAA", "164.312(b)"),
    ),
)

_NEEDED = ("audit", "authenticator")
_PATH = "enabledClusterLogTypes"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """The audit and authenticator logs are among those that go to CloudWatch. AWS keeps none by default."""
    kept = get(resource.inputs, _PATH)
    missing = [name for name in _NEEDED if name not in (kept or ())]
    want = f"audit and authenticator among the log types; {', '.join(missing)} missing"
    if missing and has_opaque(kept):
        yield unknown(_PATH, want, kept)
    elif missing:
        yield Finding(path=_PATH, got=kept, want=want)
