"""Money: exact decimal amounts that refuse to mix currencies."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact

HOURS_PER_MONTH = Decimal(730)
"""Hours by which an hourly price becomes a monthly one: the convention of the AWS Pricing Calculator (8,760 / 12)."""

_EXACT = Context(prec=60, traps=[Inexact])  # rather an error than an amount that was rounded on the way
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217 code). Arithmetic is exact; only `str` rounds, half to even, to cents."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(_EXACT.add(self.amount, self._same_currency(other)), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(_EXACT.subtract(self.amount, self._same_currency(other)), self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(_EXACT.multiply(self.amount, Decimal(factor)), self.currency)

    __rmul__ = __mul__

    def __str__(self) -> str:
        return f"{self.currency} {self.amount.quantize(_CENT, ROUND_HALF_EVEN, Context(prec=60)):,f}"

    def _same_currency(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added without an exchange rate")
        return other.amount
