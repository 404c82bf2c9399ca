"""Cold processes, measured: wall time, CPU time and peak memory of each, beside the floors of the same minute.

Standard library only and small: a child's peak memory counts from the fork, so it never reads less than this process.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

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
    """Runs of one command. Seconds are the median, CPU is the least (what other processes disturb least)."""

    samples: tuple[Sample, ...]

    @property
    def seconds(self) -> float:
        return median(sample.seconds for sample in self.samples)

    @property
    def cpu(self) -> float:
        return min(sample.cpu for sample in self.samples)

    @property
    def peak_mib(self) -> float:
        return max(sample.peak_mib for sample in self.samples)


def run_once(argv: Sequence[str], cwd: Path) -> Sample:
    """Run `argv` in `cwd` to its end. Raises RunFailedError unless it ends with 0."""
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
        if process.returncode != 0:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()[-_SHOWN_ERROR:]
            raise RunFailedError(f"{' '.join(argv)} ended with {process.returncode}\n{said}")
    return Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _KIB_PER_MIB)


def in_turns(commands: Sequence[Sequence[str]], cwd: Path, *, runs: int) -> list[Measurement]:
    """Run each command once to warm up, then all of them in turns, `runs` times: a busy minute slows all alike."""
    for argv in commands:
        run_once(argv, cwd)
    rounds = [[run_once(argv, cwd) for argv in commands] for _ in range(runs)]
    return [Measurement(tuple(samples)) for samples in zip(*rounds, strict=True)]
