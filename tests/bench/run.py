"""Measure speed and memory beside the floors: ``python -m tests.bench.run [NAME...] [--json] [--check] [--store]``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import yaml

from tests.bench import report
from tests.bench.engine import beside_stock
from tests.bench.growth import Steps
from tests.bench.sizes import GROWING
from tests.bench.works import WORKS, Result, measure
from tests.bench.workshop import ROOT, Workshop
from tests.toolchain import toolchain

BASELINE = Path(__file__).with_name("baseline.yaml")
# The steps of a plan, inside one process, which give several ratios; and a program under the real engine.
_STEPS, _ENGINE = "steps", "engine"
_GIVEN_BY = {"growth": _STEPS, "record": _STEPS}
NAMES = (*(work.name for work in WORKS), _STEPS, _ENGINE)
_HEAD = """\
# Ratios to the floors (docs/how-to/measure-speed.md), written by `python -m tests.bench.run --store`.
"""


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, or everything.

    Returns 1 where `--check` finds a ratio above the stored one, twice, or the engine's program above its goals.
    """
    chosen = _parse(arguments)
    stored = _stored()
    with Workshop() as workshop:
        measured = _measured(chosen.names or _all(chosen.check), workshop)
        if chosen.json:
            print(json.dumps(report.to_json(measured, stored), indent=2))
        else:
            print("\n\n".join(report.tables(measured, stored)))
        found = report.ratios(measured)
        if chosen.check:
            found = _again(found, report.regressions(found, stored).keys(), workshop)
    if chosen.store:
        _store({**stored, **found} if chosen.names else found)
    problems = {**report.regressions(found, stored), **report.above_goals(measured.engine)} if chosen.check else {}
    for problem in problems.values():
        print(f"slower: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.run", description="Measure speed beside the floors.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure, all by default: {', '.join(NAMES)}")
    parser.add_argument("--json", action="store_true", help="print all numbers as JSON")
    parser.add_argument(
        "--check",
        action="store_true",
        help="fail where something is slower than stored, or than its goal",
    )
    parser.add_argument("--store", action="store_true", help="store the ratios of this run")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.names) - set(NAMES))
    if unknown:
        parser.error(f"nothing is called {', '.join(unknown)}; there is {', '.join(NAMES)}")
    return chosen


def _all(check: bool) -> Collection[str]:
    """Every name; a check leaves nothing out, and whoever only looks may do so without the tool chain."""
    if check or toolchain.tool_path("pulumi"):
        return NAMES
    print(f"left out: {_ENGINE} (pulumi is not present; run: {toolchain.COMMAND} build pulumi)", file=sys.stderr)
    return [name for name in NAMES if name != _ENGINE]


def _measured(names: Collection[str], workshop: Workshop) -> report.Measured:
    return report.Measured(
        [_said(measure(work, workshop)) for work in WORKS if work.name in names],
        _steps(workshop) if _STEPS in names else [],
        beside_stock() if _ENGINE in names else [],
    )


def _said(result: Result) -> Result:
    """`result`, after a sign of life: a whole run takes minutes."""
    print(f"measured {result.work.title}", file=sys.stderr, flush=True)
    return result


def _again(found: dict[str, float], slow: Collection[str], workshop: Workshop) -> dict[str, float]:
    """`found`, with what is `slow` measured a second time; the lesser ratio counts, as noise seldom comes twice."""
    names = {_GIVEN_BY.get(name, name) for name in slow}
    second = report.ratios(_measured(names, workshop))
    return {name: min(ratio, second.get(name, ratio)) for name, ratio in found.items()}


def _steps(workshop: Workshop) -> list[Steps]:
    """The steps of a plan at every size, in a process of their own."""
    made = [workshop.generated(size) for size in GROWING]
    argv = [
        sys.executable,
        "-m",
        "tests.bench.phases",
        *(part for item in made for part in (str(item.root), item.target)),
    ]
    done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return [Steps(**item) for item in json.loads(done.stdout)]


def _stored() -> dict[str, float]:
    return dict(yaml.safe_load(BASELINE.read_text(encoding="utf-8"))) if BASELINE.is_file() else {}


def _store(found: dict[str, float]) -> None:
    BASELINE.write_text(_HEAD + yaml.safe_dump(dict(sorted(found.items()))), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
