"""Finding and ending the processes that a test started, however deep, and no others (Linux).

Every process inherits its parent's environment: a marked variable there tells whose it is, even when it has a session
of its own or its parent is gone.
"""

import contextlib
import os
import signal
from pathlib import Path

from tests.support.polling import poll

END_SECONDS = 10.0


def marked_processes(variable: str, value: str) -> list[int]:
    """Return the ids of the running processes that were started with the environment variable, sorted."""
    mark = f"{variable}={value}".encode()
    return sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _has(entry, mark))


def kill_marked(variable: str, value: str) -> None:
    """Kill those processes and wait until none is left. Raises TimeoutError after ten seconds."""

    def none_is_left() -> bool:
        remaining = marked_processes(variable, value)
        for process in remaining:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return not remaining

    poll(f"end of the processes with {variable}={value}", none_is_left, END_SECONDS)


def _has(entry: Path, mark: bytes) -> bool:
    try:
        return mark in (entry / "environ").read_bytes().split(b"\0")
    except OSError:  # It has ended, or belongs to another user.
        return False
