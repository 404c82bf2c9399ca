"""What a resource is billed by."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """A price item, how many (None: not known), and whether the cost is only a bound; `note` says why."""

    item: str
    quantity: Decimal | None
    bound: bool = False
    note: str = ""
