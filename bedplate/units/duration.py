"""Durations as people write them: "30s", "10m", "1h30m", "90d"."""

from __future__ import annotations

import re

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>[0-9]{{1,9}}){unit})?" for unit in _SECONDS), re.ASCII)


def parse_duration(text: str) -> int:
    """Seconds. Days have 24 hours; units go from large to small, each at most once.

    Raises ValueError with the reason.
    """
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ValueError(
            f"{text[:40]!r} is not a duration: write whole d, h, m and s in this order, such as 90d or 1h30m"
        )
    return sum(int(count) * _SECONDS[unit] for unit, count in match.groupdict().items() if count)


def format_duration(seconds: int) -> str:
    """The canonical text, which `parse_duration` reads: 5400 is "1h30m", 0 is "0s". `seconds` is not negative."""
    if seconds < 0:
        raise ValueError(f"a duration of {seconds} s is negative")
    parts: list[str] = []
    for unit, size in _SECONDS.items():
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
