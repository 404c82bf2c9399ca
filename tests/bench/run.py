"""Measure speed and memory beside the floors: ``python -m tests.bench.run [NAME...] [--json] [--check] [--store]``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench import report
from tests.bench.growth import SIZES, Steps
from tests.bench.works import WORKS, Result, measure
from tests.bench.workshop import ROOT, Workshop

BASELINE = Path(__file__).with_name("baseline.json")
_GROWTH = "growth"
NAMES = (*(work.name for work in WORKS), _GROWTH)


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, or everything. Returns 1 where `--check` finds a ratio above the stored one."""
    chosen = _parse(arguments)
    wanted = chosen.names or NAMES
    with Workshop() as workshop:
        results = [_said(measure(work, workshop)) for work in WORKS if work.name in wanted]
        sizes = _steps(workshop) if _GROWTH in wanted else []
    if chosen.json:
        print(json.dumps(report.to_json(results, sizes), indent=2))
    else:
        print("\n\n".join(_tables(results, sizes)))
    found = report.ratios(results, sizes)
    if chosen.store:
        _store({**_stored(), **found} if chosen.names else found)
    problems = report.regressions(found, _stored()) if chosen.check else []
    for problem in problems:
        print(f"slower: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.run", description="Measure speed beside the floors.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure, all by default: {', '.join(NAMES)}")
    parser.add_argument("--json", action="store_true", help="print all numbers as JSON")
    parser.add_argument("--check", action="store_true", help="fail where a ratio is far above the stored one")
    parser.add_argument("--store", action="store_true", help="store the ratios of this run")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.names) - set(NAMES))
    if unknown:
        parser.error(f"nothing is called {', '.join(unknown)}; there is {', '.join(NAMES)}")
    return chosen


def _said(result: Result) -> Result:
    """`result`, after a sign of life: a whole run takes minutes."""
    print(f"measured {result.work.title}", file=sys.stderr, flush=True)
    return result


def _steps(workshop: Workshop) -> list[Steps]:
    """The steps of a plan at every size, in a process of their own."""
    folders = [str(workshop.enlarged(times)) for times in SIZES]
    argv = [sys.executable, "-m", "tests.bench.phases", *folders]
    done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return [Steps(**item) for item in json.loads(done.stdout)]


def _tables(results: Sequence[Result], sizes: Sequence[Steps]) -> list[str]:
    works = [report.work_table(results)] if results else []
    return [*works, *([report.growth_table(sizes)] if sizes else [])]


def _stored() -> dict[str, float]:
    return dict(json.loads(BASELINE.read_text(encoding="utf-8"))) if BASELINE.is_file() else {}


def _store(found: dict[str, float]) -> None:
    BASELINE.write_text(json.dumps(dict(sorted(found.items())), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
