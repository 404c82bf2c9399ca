"""What a process does differently because it runs one command and ends."""

from __future__ import annotations

import atexit
import gc

# New objects between two searches for cycles; Python's own 700 would search hundreds of times in one plan.
_NEW_OBJECTS = 5_000_000


def expect_short_life() -> None:
    """Hardly ever search for unreachable cycles, and not at the end: what a command makes, it needs until it ends.

    Walking the SDKs' classes and what was recorded took half of the time of a plan, most of it in the interpreter's
    last searches, which pass over what is frozen. Memory stays bounded for commands that run for long.
    """
    gc.set_threshold(_NEW_OBJECTS)
    atexit.register(gc.freeze)
