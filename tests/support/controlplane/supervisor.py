"""Owns the processes of one control plane and leaves nothing behind when its owner is gone.

Run as a script. The owner talks to it over standard input and output, one JSON object a line. It makes a temporary
directory and names it in its first line, starts processes when asked, and says which have exited. When its standard
input closes, because the owner closed it or because the owner died in any way at all, it stops every process in reverse
order, waits for each, and removes the directory. Normal end and crash are therefore the same path.

Requests and answers:
    {"start": name, "argv": [...], "env": {...}, "log": file}  ->  {"pid": n} or {"error": text}
    {"status": true}                                           ->  {"exited": {name: code}}

This file uses the standard library alone, so that it starts fast and imports nothing of the checkout.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from types import FrameType
from typing import Any

GRACE_SECONDS = 3.0
PR_SET_PDEATHSIG = 1


def die_with_parent() -> Callable[[], None] | None:
    """What a child runs before its program so that it dies with this process; None where the system has no such call.

    Linux ties the signal to the parent's thread: safe here, since this process has one thread only.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Children:
    """The running processes, in the order in which they were started."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._before_program = die_with_parent()

    def start(self, name: str, argv: list[str], env: dict[str, str], log: str) -> int:
        """Start one process in a group of its own; both of its outputs go to the end of `log`."""
        with open(log, "ab") as output:
            process = subprocess.Popen(
                argv,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=self._before_program,
            )
        self._processes[name] = process
        return process.pid

    def exited(self) -> dict[str, int]:
        """Exit code of every process that has ended by itself; minus the signal's number where a signal ended it."""
        codes = {name: process.poll() for name, process in self._processes.items()}
        return {name: code for name, code in codes.items() if code is not None}

    def stop(self) -> None:
        """Stop all, newest first: a polite signal, some seconds of grace, then a hard one. Each is waited for."""
        for process in reversed(self._processes.values()):
            _signal_group(process, signal.SIGTERM)
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def answer(children: Children, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out one request."""
    if "start" not in request:
        return {"exited": children.exited()}
    try:
        return {"pid": children.start(request["start"], request["argv"], request["env"], request["log"])}
    except OSError as error:
        return {"error": str(error)}


def _say(message: dict[str, Any]) -> None:
    # The owner may have died since its question; standard input says so next.
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), json.dumps(message).encode() + b"\n")


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    """Serve requests until standard input closes, then clear up."""
    signal.signal(signal.SIGTERM, _leave)
    directory = tempfile.mkdtemp(prefix="bedplate-control-plane-")
    children = Children()
    try:
        _say({"directory": directory})
        for line in sys.stdin:
            _say(answer(children, json.loads(line)))
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        children.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
