"""Cold processes, measured: wall time, CPU time and peak memory of each, beside the floors of the same minute.

Standard library only and small: a child's peak memory counts from the fork, so it never reads less than this process.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

# Left out of the children's environment: with it no run would leave the .pyc files that the next one starts from.
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
_KIB_PER_MIB = 1024
_SHOWN_ERROR = 2000


class RunFailedError(Exception):
    """A measured command did not end well; the message holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One process with all its children: wall seconds, CPU seconds, and the largest one's peak memory in MiB."""

    seconds: float
    cpu: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """Runs of one command. Of seconds the least counts: what other processes disturb least."""

    samples: tuple[Sample, ...]

    @property
    def seconds(self) -> float:
        return min(sample.seconds for sample in self.samples)

    @property
    def cpu(self) -> float:
        return min(sample.cpu for sample in self.samples)

    @property
    def peak_mib(self) -> float:
        return max(sample.peak_mib for sample in self.samples)


def run_once(argv: Sequence[str], cwd: Path, *, ends: Collection[int] = (0,)) -> Sample:
    """Run `argv` in `cwd` to its end. Raises RunFailedError unless it ends with one of `ends`."""
    environment = {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            argv, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        # Not `process.wait()`: only wait4 tells what this one child used.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in ends:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()[-_SHOWN_ERROR:]
            raise RunFailedError(f"{' '.join(argv)} ended with {process.returncode}\n{said}")
    return Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _KIB_PER_MIB)


def in_turns(
    commands: Sequence[Sequence[str]], cwd: Path, *, runs: int, ends: Collection[int] = (0,)
) -> list[Measurement]:
    """Run the commands in turns, `runs` times: a busy minute slows all alike. The first may end with any of `ends`.

    Their first runs write Python's .pyc files where there are none, which costs those runs alone.
    """
    codes = [ends, *([(0,)] * (len(commands) - 1))]
    rounds = [[run_once(argv, cwd, ends=code) for argv, code in zip(commands, codes, strict=True)] for _ in range(runs)]
    return [Measurement(tuple(samples)) for samples in zip(*rounds, strict=True)]
