"""Waiting for a condition: ask often, give up at a deadline, say what was seen last."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

INTERVAL_SECONDS = 0.1

Found = TypeVar("Found")


class DeadlineError(AssertionError):
    """A condition did not come true in time."""


def poll(what: str, probe: Callable[[], Found | None], deadline: float, seen: Callable[[], str] | None = None) -> Found:
    """Call `probe` until it returns something true, and return that.

    `deadline` is in seconds from now. `seen` adds to the error what was observed last.

    Raises:
        DeadlineError: `probe` returned nothing true in time. The message begins with `what`.
    """
    end = time.monotonic() + deadline
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() >= end:
            raise DeadlineError(f"{what}: not within {deadline:g} s" + (f"; last seen: {seen()}" if seen else ""))
        time.sleep(INTERVAL_SECONDS)
