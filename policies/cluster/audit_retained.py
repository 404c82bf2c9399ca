"""Control-plane logs of production are kept long enough to be asked for."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="Production keeps its control-plane logs for half a year or more",
    severity=Severity.MEDIUM,
    rationale="What happened is often noticed months later. The AI Act asks deployers of high-risk systems to keep "
    "logs for six months at least (Article 26(6)); CloudWatch's 180 days are too few.",
    fix="write logRetentionDays: 365 into the cluster section",
    targets=("aws:cloudwatch/logGroup:LogGroup",),
    controls=(Control("CIS EKS 1.8.0", "2.1.1"), Control("NIST SP 800-53", "AU-11"), Control("HIPAA", "164.312(b)")),
)

_PATH = "retentionInDays"
_FEWEST_DAYS = 183


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Log groups of EKS control planes keep 183 days or more, or for ever. Other log groups are other policies'."""
    name, got = get(resource.inputs, "name", default=""), get(resource.inputs, _PATH)
    ours = is_opaque(name) or (str(name).startswith("/aws/eks/") and str(name).endswith("/cluster"))
    if not context.production or not ours:
        return
    want = f"{_FEWEST_DAYS} days or more"
    if is_opaque(got) or is_opaque(name):
        yield unknown(_PATH, want, got)
    elif got and got < _FEWEST_DAYS:
        yield Finding(path=_PATH, got=got, want=want)
