"""Waiting for something that another process does."""

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

INTERVAL_SECONDS = 0.05


def wait_until(condition: Callable[[], Result], seconds: float, what: str) -> Result:
    """Ask `condition` until its answer is true, and return the answer. Raises TimeoutError naming `what`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            message = f"{what}: not within {seconds:g} s"
            raise TimeoutError(message)
        time.sleep(INTERVAL_SECONDS)
    return answer
