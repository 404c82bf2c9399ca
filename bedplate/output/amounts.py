"""What a month costs, as far as anybody can say: the one place that tells nothing from not known."""

from __future__ import annotations

from decimal import Decimal

from bedplate.output.documents.review import CostDocument
from bedplate.output.wording import money


def monthly(cost: CostDocument) -> Decimal | None:
    """What a month costs as far as there are prices; None where nothing billable has one, since that is not nothing.

    Bases of an earlier version say 0 there.
    """
    known = cost["priced"] > 0 or cost["billable"] == 0
    return Decimal(cost["monthly"]) if known and cost["monthly"] is not None else None


def total(cost: CostDocument) -> str:
    """`monthly` in words."""
    amount = monthly(cost)
    return "unknown" if amount is None else money(amount, cost["currency"])
