"""What mends a plan: edits of files first, then commands, as the last line of a plan names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bedplate.output.documents.review import PoliciesDocument, ReviewDocument
from bedplate.output.exits import Reason
from bedplate.output.reasons import NO_LOCK
from bedplate.output.wording import many

# Ends of references that `bedplate lock` resolves by itself; of others no source tells the digest.
_RESOLVABLE = (NO_LOCK, ")")


def mends(reasons: Iterable[Reason], review: ReviewDocument | None, name: str) -> tuple[str, ...]:
    """What takes away the reasons that block `name`, each in the imperative; empty where nothing blocks."""
    return tuple(_mends({reason.id for reason in reasons if reason.blocks}, review, name))


def lacks(review: ReviewDocument | None, name: str) -> tuple[str, ...]:
    """What an allowed plan should have before it is applied: charts whose objects it shows, and a lock."""
    return () if review is None else tuple(_locks(review, name))


def _mends(ids: set[str], review: ReviewDocument | None, name: str) -> Iterator[str]:
    if review is None:
        return
    if "policy" in ids:
        yield from _of_policies(review["policies"])
    if "capacity" in ids:
        yield "make room for what does not fit (Capacity): more or larger nodes, more quota, or ask for less"
    if "budget" in ids:
        yield "lower the cost, or have cost.monthlyBudget raised"
    if not ids.isdisjoint({"lock", "charts"}):
        rows = [item for item in review["unresolved"] if not item.endswith(_RESOLVABLE)]
        if rows:
            yield f"give {many(len(rows), 'reference')} a digest in extensions/catalog (lock incomplete)"
        # A digest that the catalogue has since enters the lock.
        yield from _locks(review, name) if review["notVendored"] or not rows else (f"bedplate lock {name}",)


def _of_policies(policies: PoliciesDocument) -> Iterator[str]:
    if policies["problems"]:
        yield "mend policies, waivers and the floor (Policies, blocks)"
    fixes = dict.fromkeys((item["policy"], item["fix"]) for item in policies["violations"] if item["blocks"])
    for policy, fix in list(fixes)[:1]:
        more = f", and {len(fixes) - 1} more under Policies" if len(fixes) > 1 else ""
        yield f"{fix} ({policy}{more})"


def _locks(review: ReviewDocument, name: str) -> Iterator[str]:
    charts = review["notVendored"]
    if charts:
        more = f" --chart …, for {many(len(charts), 'chart')}" if len(charts) > 1 else ""
        yield f"bedplate lock {name} --chart {charts[0]}=PATH{more}"
    elif any(item.endswith(_RESOLVABLE) for item in review["unresolved"]):
        yield f"bedplate lock {name}"
