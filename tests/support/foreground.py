"""The command line as a shell runs it in the foreground."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# Whoever runs tests in the background has them ignore Ctrl-C, and processes inherit that.
_PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from bedplate.cli.main import main
main()
"""


def start(*arguments: str, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start `bedplate` with `arguments`: in a session of its own, listening to Ctrl-C, with nobody to answer it."""
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *arguments],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
