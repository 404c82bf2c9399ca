"""Resource quantities in the one spelling that the API server stores."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from bedplate.graph.values import Json
from bedplate.units.quantity import parse_quantity

# Suffixes by power of 1024 or 1000 (k8s.io/apimachinery, pkg/api/resource). A quantity stays in its family.
_BINARY = {0: "", 1: "Ki", 2: "Mi", 3: "Gi", 4: "Ti", 5: "Pi", 6: "Ei"}
_DECIMAL = {-3: "n", -2: "u", -1: "m", 0: "", 1: "k", 2: "M", 3: "G", 4: "T", 5: "P", 6: "E"}
_EXPONENT = {power: f"e{3 * power}" if power else "" for power in _DECIMAL}
_WITH_EXPONENT = re.compile(r"[eE][-+]?[0-9]+$")


def canonical_quantity(value: Json) -> Json:
    """`value` as the API server returns it: ``"1000m"`` and ``1`` as ``"1"``, ``"1024Mi"`` as ``"1Gi"``.

    The largest suffix that leaves a whole number is used, within the family (binary, decimal, exponent) of the input;
    binary amounts below 1024 or with a fraction become decimal. Anything that is no quantity is returned unchanged.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    spelling = _spelling(str(value).strip())
    return value if spelling is None else spelling


# The same few amounts stand in every pod.
@lru_cache(maxsize=1024)
def _spelling(text: str) -> str | None:
    """The canonical spelling of a quantity; None for what is none."""
    try:
        amount = Fraction(parse_quantity(text))
    except ValueError:
        return None
    if text.endswith("i") and abs(amount) >= 1024 and amount.denominator == 1:
        return _whole(amount, 1024, _BINARY)
    return _whole(amount, 1000, _EXPONENT if _WITH_EXPONENT.search(text) else _DECIMAL)


def _whole(amount: Fraction, base: int, suffixes: Mapping[int, str]) -> str:
    # A billionth is the smallest suffix and the finest that `parse_quantity` takes: one always fits.
    return next(
        f"{scaled.numerator}{suffixes[power]}"
        for power in sorted(suffixes, reverse=True)
        if (scaled := amount / Fraction(base) ** power).denominator == 1 and (scaled or not power)
    )
