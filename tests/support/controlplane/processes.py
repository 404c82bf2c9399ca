"""The owner's side of the supervisor: start named processes, notice their death, show the end of their logs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.support.controlplane import supervisor
from tests.support.polling import DeadlineError, poll

TAIL_LINES = 25
# Some components log whole objects and stack traces in one line.
TAIL_WIDTH = 400
# Every process may use its whole grace before it is killed.
STOP_SECONDS = 60.0

Found = TypeVar("Found")


class ComponentError(AssertionError):
    """A component did not start, ended by itself, or did not become ready. Carries the end of its log."""


class Processes:
    """Processes that live in one temporary directory and end together, also when this process dies.

    Use as a context manager. `directory` holds everything and is removed at the end.
    """

    def __init__(self) -> None:
        self._supervisor = subprocess.Popen(
            [sys.executable, "-I", "-S", supervisor.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.directory = Path(self._read()["directory"])
        self._logs = self.directory / "logs"
        self._logs.mkdir()
        self.pids: dict[str, int] = {"supervisor": self._supervisor.pid}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, argv: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
        """Start `argv` under `name`. It sees no environment but a home, a temporary directory and `env`.

        Raises:
            ComponentError: the program could not be executed.
        """
        home = self.directory / name
        home.mkdir(exist_ok=True)
        request = {
            "start": name,
            "argv": [str(word) for word in argv],
            "env": {"HOME": str(home), "TMPDIR": str(home), **(env or {})},
            "log": str(self.log(name)),
        }
        answer = self._ask(request)
        if "error" in answer:
            raise ComponentError(f"{name}: cannot be started: {answer['error']}")
        self.pids[name] = int(answer["pid"])

    def require_running(self) -> None:
        """Check that nothing has ended by itself.

        Raises:
            ComponentError: names every process that has, with its exit code and the end of its log.
        """
        exited = self._ask({"status": True})["exited"]
        if exited:
            raise ComponentError(
                "\n".join(f"{name} ended with code {code}\n{self.tail(name)}" for name, code in exited.items())
            )

    def wait(self, name: str, what: str, probe: Callable[[], Found | None], deadline: float) -> Found:
        """Poll `probe` until it finds something, while watching that all processes stay alive.

        Raises:
            ComponentError: a process ended, or the deadline (seconds) passed; the log of `name` is shown.
        """

        def checked() -> Found | None:
            self.require_running()
            return probe()

        try:
            return poll(f"{name}: {what}", checked, deadline)
        except DeadlineError as error:
            raise ComponentError(f"{error}\n{self.tail(name)}") from None

    def log(self, name: str) -> Path:
        """The file that holds both outputs of a process."""
        return self._logs / f"{name}.log"

    def tail(self, name: str) -> str:
        """The last lines of a process's log, under a heading."""
        try:
            with self.log(name).open(encoding="utf-8", errors="replace") as lines:
                last = "\n".join(line.rstrip()[:TAIL_WIDTH] for line in deque(lines, TAIL_LINES))
        except FileNotFoundError:
            last = ""
        return f"--- end of the log of {name} ---\n{last or '(empty)'}"

    def stop(self) -> None:
        """Stop everything, wait for it, and remove the directory. A second call does nothing.

        Raises:
            ComponentError: the supervisor did not finish; it was killed, and its children with it.
        """
        if self._supervisor.stdin is None or self._supervisor.stdin.closed:
            return
        self._supervisor.stdin.close()
        try:
            self._supervisor.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
            raise ComponentError(f"the processes did not stop within {STOP_SECONDS:g} s and were killed") from None
        finally:
            if self._supervisor.stdout:
                self._supervisor.stdout.close()

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assert self._supervisor.stdin is not None
        self._supervisor.stdin.write(json.dumps(request) + "\n")
        self._supervisor.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._supervisor.stdout is not None
        line = self._supervisor.stdout.readline()
        if not line:
            raise ComponentError(f"the supervisor ended with code {self._supervisor.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def alive(pid: int) -> bool:
    """Whether a process runs; a dead one for which nobody has waited yet does not. Linux only."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    # The program's name stands in brackets and may hold anything.
    return status.rpartition(")")[2].split()[0] != "Z"
