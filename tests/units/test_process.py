"""A command's process spends no time on collecting what it needs until it ends."""

from __future__ import annotations

import subprocess
import sys

# Functions registered first run last: this one sees what the command's own left behind.
_PROGRAM = """
import atexit, gc
from bedplate.units.process import expect_short_life
atexit.register(lambda: print(gc.get_freeze_count() > 0))
usual = gc.get_threshold()
expect_short_life()
print(gc.isenabled(), gc.get_threshold()[0] > usual[0], gc.get_freeze_count() > 0)
"""


def test_cycles_are_searched_for_rarely_while_a_command_runs_and_not_when_it_ends() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["True True False", "True", ""]
