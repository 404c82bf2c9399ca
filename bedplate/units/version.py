"""Dotted versions such as driver releases ("580.159.03"), compared number by number."""

from __future__ import annotations


def version_key(text: str) -> tuple[int, ...]:
    """Sort key: "580" < "580.65.06" < "595". Raises ValueError for anything but dotted whole numbers."""
    try:
        return tuple(int(part) for part in text.split("."))
    except ValueError:
        raise ValueError(f"{text!r} is not a dotted version such as 580.159.03") from None
