"""What is measured: each command with its goal, and the floors that it is held against."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import Measurement, in_turns
from tests.bench.sizes import EKS_1000, EKS_5000, PLANT_5000, Size
from tests.bench.workshop import ROOT, Workshop

_BEDPLATE = str(Path(sys.executable).with_name("bedplate"))
# A plan that is made and not allowed: the shipped production lacks vendored charts.
_BLOCKED = 7


@dataclass(frozen=True, slots=True)
class Goal:
    """At most this many CPU seconds, and this many MiB at the peak where that is a goal too.

    CPU seconds and not wall time: they are what a command takes where nothing else runs, or more where it uses two
    cores, and they are disturbed least by what else runs.
    """

    seconds: float
    peak_mib: float | None = None

    def __str__(self) -> str:
        memory = f", {self.peak_mib:g} MiB" if self.peak_mib is not None else ""
        return f"{self.seconds:g} s{memory}"

    def holds(self, measured: Measurement) -> bool:
        """Whether `measured` stays within."""
        return measured.cpu <= self.seconds and (self.peak_mib is None or measured.peak_mib <= self.peak_mib)


@dataclass(frozen=True, slots=True)
class Floor:
    """Work that a command cannot do without."""

    label: str
    argv: tuple[str, ...]


Prepared = tuple[tuple[str, ...], tuple[Floor, ...]]
"""A command line, and its floors, the nearest one last."""
Prepare = Callable[[Workshop], Prepared]


@dataclass(frozen=True, slots=True)
class Work:
    """A command to measure, `runs` times; `ends` is the exit code with which it ends."""

    name: str
    title: str
    goal: Goal
    prepare: Prepare
    runs: int = 5
    ends: int = 0


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
    argv, floors = work.prepare(workshop)
    commands: list[Sequence[str]] = [argv, *(floor.argv for floor in floors)]
    measured, *beside = in_turns(commands, ROOT, runs=work.runs, ends={0, work.ends})
    return Result(work, measured, tuple(zip((floor.label for floor in floors), beside, strict=True)))


def _python(label: str, *arguments: str) -> Floor:
    return Floor(label, (sys.executable, *arguments))


_PASS = _python("python", "-c", "pass")
_CLICK = _python("import click", "-c", "import click")
_PYDANTIC = _python("import pydantic", "-c", "import pydantic; pydantic.BaseModel")
_SDK = _python("SDKs and their types", "-m", "tests.bench.floors", "sdk")


def _bedplate(*arguments: str, floors: Sequence[Floor]) -> Prepare:
    return lambda _: ((_BEDPLATE, *arguments), tuple(floors))


def _plan(workshop: Workshop, environment: str, *, changed: bool) -> Prepared:
    root = workshop.repository(changed=changed)
    return (_BEDPLATE, "plan", environment, "--root", str(root)), (_SDK,)


def _review(workshop: Workshop) -> Prepared:
    return (_BEDPLATE, "pr", "--root", str(workshop.repository(changed=True))), (_SDK,)


def _generated(size: Size, *arguments: str) -> Prepare:
    """A command on a generated environment; ``{target}`` and ``{output}`` stand for its name and a folder."""

    def prepare(workshop: Workshop) -> Prepared:
        made = workshop.generated(size)
        own = [item.format(target=made.target, output=workshop.output()) for item in arguments]
        floor = _python(
            f"{made.registered:,} bare resources", "-m", "tests.bench.floors", "record", str(made.registered)
        )
        return (_BEDPLATE, *own, "--root", str(made.root)), (_SDK, floor)

    return prepare


def _validated(size: Size) -> Prepare:
    return lambda workshop: ((_BEDPLATE, "validate", "--root", str(workshop.generated(size).root)), (_PYDANTIC,))


def _front_door(_: Workshop) -> Prepared:
    yaml = _python("import a YAML reader", "-c", "import yaml")
    return (sys.executable, "-m", "tests.bench.front_door"), (yaml,)


_PLAN = ("plan", "{target}", "--no-base")
_MANIFESTS = ("manifests", "{target}", "--to", "{output}")
WORKS = (
    Work("help", "bedplate --help", Goal(0.15), _bedplate("--help", floors=(_PASS, _CLICK))),
    Work("version", "bedplate --version", Goal(0.15), _bedplate("--version", floors=(_PASS, _CLICK))),
    Work("validate", "validate, all shipped", Goal(0.7), _bedplate("validate", floors=(_PYDANTIC,))),
    Work("front-door", "YAML of 4 MiB", Goal(2, 100), _front_door),
    Work("plan-dev", "plan dev, as its base", Goal(3, 250), lambda shop: _plan(shop, "dev", changed=False)),
    Work(
        "plan-prod",
        "plan prod, as its base",
        Goal(3, 250),
        lambda shop: _plan(shop, "prod", changed=False),
        ends=_BLOCKED,
    ),
    # Two processes side by side, so twice the seconds of one.
    Work("plan-changed", "plan dev, a model changed", Goal(6, 250), lambda shop: _plan(shop, "dev", changed=True)),
    Work("pr", "pr, all shipped, a model changed", Goal(10, 250), _review, runs=3, ends=_BLOCKED),
    Work("plan-1000", "plan, 1,000 resources", Goal(4, 600), _generated(EKS_1000, *_PLAN), runs=3),
    Work("manifests-1000", "manifests, 1,000 resources", Goal(4, 600), _generated(EKS_1000, *_MANIFESTS), runs=3),
    Work("validate-5000", "validate, 5,000 resources", Goal(2, 250), _validated(EKS_5000), runs=3),
    Work("plan-5000", "plan, 5,000 resources", Goal(11, 600), _generated(EKS_5000, *_PLAN), runs=2),
    Work("site-5000", "plan of a site, 5,000 resources", Goal(11, 600), _generated(PLANT_5000, *_PLAN), runs=2),
)
