"""The plans whose text is kept as golden files."""

from __future__ import annotations

from collections.abc import Mapping

from bedplate.output.compare import Comparison
from tests.output.builders import (
    capacity,
    comparison,
    cost,
    cost_line,
    decisions,
    memory,
    platform,
    policies,
    review,
    violation,
)


def first_plan() -> Comparison:
    """Nothing stands yet; more subnets than are listed one by one."""
    return comparison(review(platform(subnets=9)), None)


def no_changes() -> Comparison:
    """Both sides are the same."""
    return comparison(review(platform()), review(platform()))


def everything_at_once() -> Comparison:
    """A replacement, a removal, a consequence, findings that come and go, a waiver, and judges that say no."""
    level = {"policy": "stores/private", "level": "advisory", "reason": "on trial until spring"}
    waiver = {
        "policy": "network/default-deny",
        "target": "Namespace research",
        "reason": "the vendor needs it",
        "owner": "ada@example.org",
        "approver": "grace@example.org",
        "expires": "2026-12-31",
    }
    lines = [
        cost_line(monthly="2000.0000", quantity="2", upperBound=True, note="Spot has no list price"),
        cost_line(object="s3.Bucket weights", item="aws:s3/bucket:Bucket", monthly=None, unit="", note="billed by use"),
    ]
    waived = violation(
        policy="network/default-deny", object="Namespace research", waivedUntil="2026-12-31", blocks=False
    )
    head = review(
        platform(cidr="10.1.0.0/16", subnets=1, replicas=3),
        policies=policies(violation(), violation(verdict="unknown", path="tags", got=None), waived),
        capacity=capacity(
            blocked=True,
            fit="cannot fit",
            blockedPod="research/chat#2",
            reason="too large for every node that it may use",
            memory=[memory(), memory(model="embeddings", kvTokens=12, fits=False)],
            uncounted=["chart cert-manager", "EKS add-on coredns"],
        ),
        cost=cost("2000.0000", lines=lines, overBudget=True),
        unresolved=["docker.io/vllm/vllm-openai:v0.31.0"],
        notVendored=["cert-manager", "kserve"],
        decisions=decisions(levels=[level], waivers=[waiver], budget="1400.00"),
    )
    base = review(platform(replicas=1), policies=policies(violation(path="policy", want="no policy")))
    return comparison(head, base)


CASES: Mapping[str, Comparison] = {
    "first-plan": first_plan(),
    "no-changes": no_changes(),
    "everything-at-once": everything_at_once(),
}
