"""What of a review blocks apply, each with a stable id and the exit code that it leads to."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.output.amounts import total
from bedplate.output.documents.review import CapacityDocument, CostDocument, PoliciesDocument, ReviewDocument
from bedplate.output.exits import Exit, Reason
from bedplate.output.wording import many, money

# What `unresolved` holds where an environment has no lock at all.
NO_LOCK = "no lock file"


def blocking_reasons(review: ReviewDocument) -> tuple[Reason, ...]:
    """Every reason why apply would refuse `review`."""
    return tuple(_reasons(review))


def _reasons(review: ReviewDocument) -> Iterator[Reason]:
    if review["policies"]["blocked"]:
        yield Reason("policy", Exit.POLICY, f"{many(must_go(review['policies']), 'policy finding')} must be dealt with")
    if review["capacity"]["blocked"]:
        yield Reason("capacity", Exit.BUDGET_OR_CAPACITY, "; ".join(does_not_fit(review["capacity"])))
    if review["cost"]["overBudget"]:
        yield Reason("budget", Exit.BUDGET_OR_CAPACITY, _over_budget(review["cost"]))
    if needs_lock(review):
        yield Reason("lock", Exit.INTEGRITY, _unresolved(review["unresolved"]))
    if needs_charts(review):
        charts = many(len(review["notVendored"]), "chart")
        yield Reason("charts", Exit.INTEGRITY, f"production needs every chart in the plan; {charts} not vendored")


def needs_lock(review: ReviewDocument) -> bool:
    """Whether production would run what no lock has resolved."""
    return review["tier"] == "production" and bool(review["unresolved"])


def needs_charts(review: ReviewDocument) -> bool:
    """Whether production would run charts whose objects no plan has shown."""
    return review["tier"] == "production" and bool(review["notVendored"])


def must_go(policies: PoliciesDocument) -> int:
    """Findings that block, and waivers and levels that do not hold."""
    return sum(1 for item in policies["violations"] if item["blocks"]) + len(policies["problems"])


def does_not_fit(capacity: CapacityDocument) -> tuple[str, ...]:
    """Everything that is proved not to fit, or that could not be decided."""
    texts = [
        f"model {proof['model']}: {proof['kvTokens']:,} tokens fit beside the weights, {proof['context']:,} are needed"
        for proof in capacity["memory"]
        if not proof["fits"]
    ]
    texts += [
        f"pool {share['pool']}: runtimes may claim {share['worstUtilization']:.0%} of one GPU's memory"
        for share in capacity["gpuShares"]
        if not share["fits"]
    ]
    texts += [
        f"team {quota['team']}: "
        + (
            f"not decided: {', '.join(quota['unknown'])}"
            if quota["unknown"]
            else "pods ask for more than the quota allows"
        )
        for quota in capacity["quotas"]
        if not quota["fits"]
    ]
    if capacity["fit"] in ("cannot fit", "not decided"):
        why = " ".join(part for part in (capacity["blockedPod"], capacity["reason"]) if part)
        texts.append(f"pods: {capacity['fit']}: {why}" if why else f"pods: {capacity['fit']}")
    return tuple(texts)


def _over_budget(cost: CostDocument) -> str:
    currency = cost["currency"]
    return f"{total(cost)} a month is above the budget of {money(cost['budget'], currency)}"


def _unresolved(unresolved: list[str]) -> str:
    if unresolved == [NO_LOCK]:
        return "production needs a lock, and there is none"
    return f"production needs every reference resolved; {many(len(unresolved), 'reference')} not"
