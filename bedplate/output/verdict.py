"""The verdict on a review: one line that says what changes, whether it is allowed, whether it fits, and the price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bedplate.graph.diff import Action
from bedplate.output.amounts import monthly, total
from bedplate.output.documents.review import CapacityDocument, CostDocument, ReviewDocument
from bedplate.output.reasons import NO_LOCK, must_go, needs_charts, needs_lock
from bedplate.output.wording import many

_WORDS = {
    Action.CREATE: "to create",
    Action.UPDATE: "to change",
    Action.REPLACE: "to replace",
    Action.DELETE: "to delete",
}


def verdict(review: ReviewDocument | None, counts: Mapping[Action, int], differs: Sequence[str]) -> str:
    """For example ``3 to create, 1 to change; allowed, fits, USD 857.12 a month``."""
    actions = what_changes(counts, differs)
    if review is None:
        return f"removed from the repository, with {many(counts[Action.DELETE], 'resource')}"
    judges = (allowed(review), fits(review["capacity"]), price(review["cost"]))
    return f"{actions}; {', '.join(judges)}"


def what_changes(counts: Mapping[Action, int], differs: Sequence[str]) -> str:
    """Resources by action. Where none changes, what else differs."""
    parts = [f"{counts[action]:,} {word}" for action, word in _WORDS.items() if counts[action]]
    if parts:
        return ", ".join(parts)
    return f"no resource changes (different: {', '.join(differs)})" if differs else "no changes"


def allowed(review: ReviewDocument) -> str:
    """What policies say, and what production still needs before anything may be applied."""
    policies = review["policies"]
    against = [many(must_go(policies), "finding")] if policies["blocked"] else []
    if needs_lock(review):
        unresolved = review["unresolved"]
        against.append(NO_LOCK if unresolved == [NO_LOCK] else f"{many(len(unresolved), 'reference')} not resolved")
    if needs_charts(review):
        against.append(f"{many(len(review['notVendored']), 'chart')} not vendored")
    if against:
        return f"not allowed ({', '.join(against)})"
    found = len(policies["violations"])
    return f"allowed with {many(found, 'finding')}" if found else "allowed"


def fits(capacity: CapacityDocument) -> str:
    """What the capacity proof says; anything left out of it is named."""
    if capacity["fit"] == "not decided":
        word = "fit not decided"
    elif capacity["blocked"]:
        return "does not fit"
    else:
        word = "fits" if capacity["fit"] == "fits in any order" else capacity["fit"]
    return f"{word} ({len(capacity['uncounted'])} not counted)" if capacity["uncounted"] else word


def price(cost: CostDocument) -> str:
    """Monthly cost, what part of it has a price, and whether it is above the budget."""
    bound = "up to " if any(item["upperBound"] and item["monthly"] is not None for item in cost["lines"]) else ""
    # A bound of what has a price is none of the whole.
    part = " for what has a price" if cost["priced"] != cost["billable"] else ""
    text = "cost unknown" if monthly(cost) is None else f"{bound}{total(cost)} a month{part}"
    notes = [f"{cost['priced']} of {cost['billable']} priced"] if cost["priced"] != cost["billable"] else []
    notes += ["over budget"] if cost["overBudget"] else []
    return f"{text} ({', '.join(notes)})" if notes else text
