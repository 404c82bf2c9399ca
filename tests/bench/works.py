"""What is measured: each command with its goal, and the floors that it is held against."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import Measurement, in_turns
from tests.bench.workshop import ROOT, Workshop

_BEDPLATE = str(Path(sys.executable).with_name("bedplate"))
_RUNS = 5


@dataclass(frozen=True, slots=True)
class Goal:
    """At most this many seconds at the median, and this many MiB at the peak where that is a goal too."""

    seconds: float
    peak_mib: float | None = None

    def __str__(self) -> str:
        memory = f", {self.peak_mib:g} MiB" if self.peak_mib is not None else ""
        return f"{self.seconds:g} s{memory}"

    def holds(self, measured: Measurement) -> bool:
        """Whether `measured` stays within."""
        return measured.seconds <= self.seconds and (self.peak_mib is None or measured.peak_mib <= self.peak_mib)


@dataclass(frozen=True, slots=True)
class Floor:
    """Work that a command cannot do without."""

    label: str
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """A command to measure. `prepare` gives its arguments and its floors, the nearest one last."""

    name: str
    title: str
    goal: Goal
    prepare: Callable[[Workshop], tuple[tuple[str, ...], tuple[Floor, ...]]]


@dataclass(frozen=True, slots=True)
class Result:
    """A measured work."""

    work: Work
    measured: Measurement
    floors: tuple[tuple[str, Measurement], ...]

    @property
    def ratio(self) -> float:
        """CPU seconds of the work as a multiple of its nearest floor."""
        return self.measured.cpu / self.floors[-1][1].cpu

    @property
    def within(self) -> bool:
        return self.work.goal.holds(self.measured)


def measure(work: Work, workshop: Workshop) -> Result:
    """Measure `work` and its floors in turns."""
    arguments, floors = work.prepare(workshop)
    commands: list[Sequence[str]] = [(_BEDPLATE, *arguments), *(floor.argv for floor in floors)]
    measured, *beside = in_turns(commands, ROOT, runs=_RUNS)
    return Result(work, measured, tuple(zip((floor.label for floor in floors), beside, strict=True)))


def _python(label: str, *arguments: str) -> Floor:
    return Floor(label, (sys.executable, *arguments))


_PASS = _python("python", "-c", "pass")
_CLICK = _python("import click", "-c", "import click")
_PYDANTIC = _python("import pydantic", "-c", "import pydantic; pydantic.BaseModel")
_SDK = _python("SDKs and their types", "-m", "tests.bench.floors", "sdk")


def _plan(workshop: Workshop, *, changed: bool) -> tuple[tuple[str, ...], tuple[Floor, ...]]:
    return ("plan", "dev", "--root", str(workshop.repository(changed=changed))), (_SDK,)


def _plan_enlarged(workshop: Workshop, times: int) -> tuple[tuple[str, ...], tuple[Floor, ...]]:
    count = workshop.registered(times)
    loop = _python(f"{count:,} bare resources", "-m", "tests.bench.floors", "record", str(count))
    return ("plan", "dev", "--no-base", "--root", str(workshop.enlarged(times))), (_SDK, loop)


WORKS = (
    Work("help", "bedplate --help", Goal(0.15), lambda _: (("--help",), (_PASS, _CLICK))),
    Work("version", "bedplate --version", Goal(0.15), lambda _: (("--version",), (_PASS, _CLICK))),
    Work("validate", "bedplate validate", Goal(0.7), lambda _: (("validate",), (_PYDANTIC,))),
    Work("plan-unchanged", "plan dev, as its base", Goal(3, 250), lambda shop: _plan(shop, changed=False)),
    Work("plan-changed", "plan dev, one model changed", Goal(3, 250), lambda shop: _plan(shop, changed=True)),
    Work("plan-4x", "plan dev at 4x, no base", Goal(3, 250), lambda shop: _plan_enlarged(shop, 4)),
    Work("plan-16x", "plan dev at 16x, no base", Goal(4, 600), lambda shop: _plan_enlarged(shop, 16)),
    Work("plan-64x", "plan dev at 64x, no base", Goal(11, 600), lambda shop: _plan_enlarged(shop, 64)),
)
