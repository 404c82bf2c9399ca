"""Processes of a control plane are watched while they run and gone when their owner is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.controlplane.processes import ComponentError, Processes, alive
from tests.support.polling import DeadlineError, poll

FOREVER = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(3600)"]
STUBBORN = [
    *FOREVER[:-1],
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(3600)",
]
FAILING = [*FOREVER[:-1], "import sys; print('first'); print('cannot go on ' + 'x' * 9000); sys.exit(3)"]


@pytest.fixture
def processes() -> Iterator[Processes]:
    with Processes() as running:
        yield running


def test_leaving_ends_every_process_and_removes_the_directory() -> None:
    with Processes() as running:
        running.start("one", FOREVER)
        running.start("two", FOREVER)
        running.require_running()
        directory, pids = running.directory, list(running.pids.values())
        assert all(alive(pid) for pid in pids)
        assert directory.is_dir()
    assert not directory.exists()
    assert not any(alive(pid) for pid in pids)


def test_a_process_that_ignores_the_polite_signal_is_ended_all_the_same() -> None:
    with Processes() as running:
        running.start("stubborn", STUBBORN)
        running.wait("stubborn", "its handler", lambda: "deaf" in running.tail("stubborn"), 30)
        pid = running.pids["stubborn"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_processes_end_even_when_their_supervisor_is_killed() -> None:
    running = Processes()
    running.start("orphan", FOREVER)
    os.kill(running.pids["supervisor"], signal.SIGKILL)
    poll("its end", lambda: not alive(running.pids["orphan"]), 30)
    running.stop()
    shutil.rmtree(running.directory)


def test_a_process_that_ends_by_itself_is_named_with_its_code_and_the_end_of_its_log(processes: Processes) -> None:
    processes.start("failing", FAILING)
    with pytest.raises(ComponentError) as failure:
        processes.wait("other", "anything", lambda: False, 30)
    message = str(failure.value)
    assert message.startswith("failing ended with code 3\n--- end of the log of failing ---\nfirst\ncannot go on xxx")
    assert len(message) < 1000


def test_a_program_that_does_not_exist_is_reported_by_name(processes: Processes) -> None:
    with pytest.raises(ComponentError, match=r"^etcd: cannot be started: .*No such file"):
        processes.start("etcd", [processes.directory / "absent"])


def test_a_process_sees_its_own_home_and_nothing_else_of_the_environment(processes: Processes) -> None:
    show = [*FOREVER[:-1], "import json, os, time; print(json.dumps(sorted(os.environ)), flush=True); time.sleep(3600)"]
    processes.start("shown", show, {"EXTRA": "1"})
    processes.wait("shown", "its environment", lambda: "]" in processes.tail("shown"), 30)
    names = set(json.loads(processes.tail("shown").splitlines()[-1]))
    # Python adds LC_CTYPE by itself.
    assert names - {"LC_CTYPE"} == {"EXTRA", "HOME", "TMPDIR"}


def test_waiting_past_the_deadline_names_the_component_and_what_was_awaited(processes: Processes) -> None:
    processes.start("slow", FOREVER)
    with pytest.raises(
        ComponentError, match=r"^slow: readiness: not within 0 s\n--- end of the log of slow ---\n\(empty\)"
    ):
        processes.wait("slow", "readiness", lambda: False, 0)


def test_polling_returns_what_was_found_and_tells_what_was_seen_last() -> None:
    assert poll("an answer", lambda: 42, 0) == 42
    with pytest.raises(DeadlineError, match="an answer: not within 0 s; last seen: nothing"):
        poll("an answer", lambda: None, 0, lambda: "nothing")


def test_logs_of_processes_are_files_in_the_directory(processes: Processes) -> None:
    processes.start("quiet", FOREVER)
    assert processes.log("quiet").is_relative_to(processes.directory)
    assert isinstance(processes.log("quiet"), Path)
