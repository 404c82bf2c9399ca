"""Processes are measured from start to end, and a failure is no measurement."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bench.measure import Measurement, RunFailedError, Sample, in_turns, run_once

_APPEND = "import pathlib, sys; pathlib.Path('log').open('a').write(sys.argv[1])"


def test_a_command_that_fails_is_refused_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(RunFailedError, match=r"ended with 3\nno such model"):
        run_once([sys.executable, "-c", "import sys; print('no such model', file=sys.stderr); sys.exit(3)"], tmp_path)


def test_children_write_bytecode_even_where_this_process_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    run_once([sys.executable, "-c", "import os, sys; sys.exit('PYTHONDONTWRITEBYTECODE' in os.environ)"], tmp_path)


def test_memory_of_a_process_is_part_of_its_peak(tmp_path: Path) -> None:
    assert run_once([sys.executable, "-c", "bytearray(200 * 1024 ** 2)"], tmp_path).peak_mib > 200


def test_a_command_may_be_expected_to_end_otherwise(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import sys; sys.exit(7)"]
    assert run_once(argv, tmp_path, ends=(0, 7)).seconds > 0
    with pytest.raises(RunFailedError, match="ended with 7"):
        in_turns([[sys.executable, "-c", "pass"], argv], tmp_path, runs=1, ends=(0, 7))


def test_commands_take_turns(tmp_path: Path) -> None:
    commands = [[sys.executable, "-c", _APPEND, name] for name in ("a", "b")]
    measured = in_turns(commands, tmp_path, runs=2)
    assert (tmp_path / "log").read_text() == "ab" * 2
    assert [len(item.samples) for item in measured] == [2, 2]


def test_seconds_and_cpu_are_the_least_and_memory_the_most() -> None:
    samples = (Sample(9.0, 0.5, 30.0), Sample(1.0, 0.7, 40.0), Sample(2.0, 0.6, 20.0))
    measured = Measurement(samples)
    assert (measured.seconds, measured.cpu, measured.peak_mib) == (1.0, 0.5, 40.0)
