"""Kubernetes quantities ("250m", "16Gi", "1e3") and how amounts are printed.

Grammar and meaning: k8s.io/apimachinery/pkg/api/resource, type Quantity. Values are exact decimals.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact
from functools import lru_cache

_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_SUFFIXES = "|".join((*_BINARY, *filter(None, _DECIMAL)))
_QUANTITY = re.compile(
    rf"(?P<number>[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:[eE](?P<exponent>[-+]?[0-9]+)|(?P<suffix>{_SUFFIXES}))?",
    re.ASCII,
)
_LONGEST = 64
_LARGEST_EXPONENT = 18  # as large as the suffix E
_LARGEST = 2**63 - 1
_SMALLEST_EXPONENT = -9
_EXACT = Context(prec=_LONGEST + 20, traps=[Inexact])


# The same few amounts stand in every pod, and every pod is counted again and again.
@lru_cache(maxsize=1024)
def parse_quantity(text: str) -> Decimal:
    """The amount that a Kubernetes quantity stands for, in its base unit (cores, bytes, objects).

    Raises ValueError with the reason.
    """
    match = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError(
            f"{text[:_LONGEST]!r} is not a quantity: write a number with a suffix, such as 500m, 4 or 16Gi"
        )
    amount = _amount(Decimal(match["number"]), match["exponent"], match["suffix"] or "")
    if abs(amount) > _LARGEST:
        raise ValueError(f"{text!r} is beyond 2^63 - 1, the most that Kubernetes carries")
    if amount != amount.quantize(Decimal(1).scaleb(_SMALLEST_EXPONENT), context=Context(prec=_LONGEST + 20)):
        raise ValueError(f"{text!r} is finer than a billionth, the least that Kubernetes carries")
    return amount


def _amount(number: Decimal, exponent: str | None, suffix: str) -> Decimal:
    if suffix in _BINARY:
        return _EXACT.multiply(number, Decimal(_BINARY[suffix]))
    power = int(exponent) if exponent else _DECIMAL[suffix]
    if abs(power) > _LARGEST_EXPONENT:
        raise ValueError(f"the exponent {power} is beyond {_LARGEST_EXPONENT}")
    return _EXACT.scaleb(number, Decimal(power))


def format_bytes(count: int) -> str:
    """For people: "22.4 GiB", one decimal rounded half to even, whole below 1 KiB. `count` is in bytes."""
    for suffix, factor in reversed(_BINARY.items()):
        if abs(count) * 20480 >= factor * 20479:  # from 1023.95 of the smaller unit on, which would print as 1,024.0
            return f"{Decimal(count) / factor:,.1f} {suffix}B"
    return f"{count} B"


def format_cpu(cores: Decimal) -> str:
    """The canonical quantity of cores: whole ("4"), or in the largest of m, u, n without a fraction ("250m").

    Raises ValueError below a nano-core, which Kubernetes cannot carry.
    """
    for suffix in ("", "m", "u", "n"):
        scaled = cores.scaleb(-_DECIMAL[suffix])
        if scaled == scaled.to_integral_value():
            return f"{int(scaled)}{suffix}"
    raise ValueError(f"{cores} cores is finer than a nano-core")
