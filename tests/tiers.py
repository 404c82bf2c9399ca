"""Run test tiers and say which ran: `python -m tests.tiers python|all`.

A tier that was asked for and ran no test is a failure: a green result must mean that everything was looked at. `all`
also holds speed against the stored ratios (docs/how-to/measure-speed.md).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Tier:
    """A set of tests: its name, pytest's selection, and how many processes run it."""

    name: str
    markers: str
    workers: int
    proves: str


PYTHON = Tier("python", "not engine and not cluster and not peers", 2, "arithmetic, messages, goldens, contracts, laws")
ENGINE = Tier("engine", "engine and not cluster", 1, "the real Pulumi engine with the fake aws plugin")
CLUSTER = Tier("cluster", "cluster", 1, "a real API server, scheduler and KServe controller")
WITH_TOOLS = (ENGINE, CLUSTER)


def main(argument: str) -> int:
    """Run the tiers that `argument` names; the exit code is 0 only where all of them ran and passed."""
    if argument == "python":
        code = run(PYTHON)
        print("left out: " + ", ".join(f"{tier.name} ({tier.proves})" for tier in WITH_TOOLS) + "; `make test-all`")
        return code
    builder = start_toolchain()
    codes = [run(PYTHON)]
    built = builder.wait()
    if built != 0:
        print("tool chain: incomplete; the tiers that need it did not run", file=sys.stderr)
        return 1
    codes += [run(tier) for tier in WITH_TOOLS]
    return max(*codes, speed())


def speed() -> int:
    """Hold speed against the stored ratios: last, when nothing else runs beside it."""
    started = time.monotonic()
    code = subprocess.run([sys.executable, "-m", "tests.bench.run", "--check"], cwd=ROOT).returncode
    print(f"speed: {'slower than stored' if code else 'as stored'}, {time.monotonic() - started:.0f} s", flush=True)
    return code


def start_toolchain() -> subprocess.Popen[bytes]:
    """Build what is missing of the tool chain, behind the tiers that need only Python."""
    return subprocess.Popen([sys.executable, "-m", "tests.toolchain.toolchain", "build"], cwd=ROOT)


def run(tier: Tier) -> int:
    """Run one tier with pytest; 1 also where no test ran or one was skipped."""
    started = time.monotonic()
    with TemporaryDirectory(prefix="bedplate-tier-") as folder:
        report = Path(folder) / "report.xml"
        argv = [sys.executable, "-m", "pytest", "-m", tier.markers, f"--junitxml={report}"]
        if tier.workers > 1:
            argv += ["-n", str(tier.workers)]
        code = subprocess.run(argv, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "random"}).returncode
        ran, skipped = _counts(report)
    seconds = time.monotonic() - started
    print(f"tier {tier.name}: {ran} ran, {skipped} skipped, {seconds:.0f} s", flush=True)
    if code == 0 and (ran == 0 or skipped > 0):
        print(f"tier {tier.name}: a tier counts only when every test in it runs", file=sys.stderr)
        return 1
    return code


def _counts(report: Path) -> tuple[int, int]:
    """Tests that ran, and tests that were skipped, out of a JUnit report."""
    if not report.is_file():
        return 0, 0
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    totals = [(int(suite.get("tests", 0)), int(suite.get("skipped", 0))) for suite in suites]
    skipped = sum(item[1] for item in totals)
    return sum(item[0] for item in totals) - skipped, skipped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
