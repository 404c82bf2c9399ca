"""Words for values: counts, money, JSON values with their marks, and text that tricks no terminal and no reader."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from bedplate.graph.values import Json, is_secret, is_unknown
from bedplate.units.money import Money

# Longest value on a line; a longer one is cut and says how much is missing.
VALUE_LIMIT = 72

# Control characters, and those that reorder text on the screen (CVE-2021-42574).
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Text that reads as text without quotes.
_BARE = re.compile(r"(?!(?:true|false|null)$)[A-Za-z_/][^\s\"\\{}\[\],]*")


def many(count: int, noun: str, plural: str = "") -> str:
    """``1 finding``, ``2 findings``, ``2,000 policies``."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def listed(names: Sequence[str], *, most: int) -> str:
    """``a, b, c and 4 more``: `names` in order, at most `most` of them."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def money(amount: str | Decimal, currency: str) -> str:
    """``USD 1,234.50``, rounded to cents."""
    return str(Money(Decimal(amount), currency))


def signed_money(amount: Decimal, currency: str) -> str:
    """``+USD 12.00``, ``−USD 3.10``; ``±USD 0.00`` where nothing changes."""
    sign = "+" if amount > 0 else "−" if amount < 0 else "±"
    return sign + money(abs(amount), currency)


def visible(text: str) -> str:
    """`text` with every character that would move, colour or reorder the screen written as an escape."""
    return _INVISIBLE.sub(lambda found: _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04x}", text)


def value_text(value: Json, *, limit: int = VALUE_LIMIT) -> str:
    """A JSON value on one line: ``(secret)``, ``(known after apply)``, bare words, else JSON; cut after `limit`."""
    return shortened(_flow(value), limit)


def shortened(text: str, limit: int) -> str:
    """`text`, or its beginning and how many characters follow."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def _flow(value: Json) -> str:
    if is_secret(value):
        return "(secret)"
    if is_unknown(value):
        return "(known after apply)"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str):
        return value if _BARE.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Sequence):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return json.dumps(value)
