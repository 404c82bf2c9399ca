"""Processes that the language host starts, none of which may outlive it."""

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

GRACE_SECONDS = 2.0


class Children:
    """Programs and policy packs that are running."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def start(
        self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None, piped: bool = False
    ) -> subprocess.Popen[bytes]:
        """Start a process. It writes to the host's own output, which the engine shows, unless it is `piped`."""
        pipe = subprocess.PIPE if piped else None
        with self._lock:
            if self._closed:
                message = "the language host is stopping"
                raise RuntimeError(message)
            process = subprocess.Popen(
                arguments, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe
            )
            self._running.add(process)
        return process

    def wait(self, process: subprocess.Popen[bytes]) -> int:
        """Wait for the end of a process and return its exit code, 128 + n for one that signal n ended."""
        code = process.wait()
        with self._lock:
            self._running.discard(process)
        return code if code >= 0 else 128 - code

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a process: politely, then by force."""
        if process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()

    def stop_all(self) -> None:
        """End every process, and refuse to start another."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            self.stop(process)


def environment(*more: str) -> dict[str, str]:
    """Return this process's environment with `NAME=value` settings on top."""
    return {**os.environ, **dict(setting.split("=", 1) for setting in more if "=" in setting)}
