"""Results as tables, as JSON, and beside the stored ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.engine import GOALS, BesideStock
from tests.bench.growth import GROWTH_GOAL, Steps, growth
from tests.bench.works import Result

# A ratio that is more than this above the stored one fails the check.
TOLERANCE = 0.25
# CPU seconds that one step may take at the larger size.
STEP_GOALS: Mapping[str, float] = {"policies": 1.0}

Stored = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run has measured: works, the steps of a plan at two sizes, and a program under the engine."""

    works: Sequence[Result] = ()
    sizes: Sequence[Steps] = ()
    engine: Sequence[BesideStock] = ()


def tables(measured: Measured, stored: Stored) -> list[str]:
    """A table for each kind of what was measured."""
    works = [work_table(measured.works, stored)] if measured.works else []
    steps = [growth_table(measured.sizes, stored)] if measured.sizes else []
    return [*works, *steps, *([engine_table(measured.engine)] if measured.engine else [])]


def work_table(results: Sequence[Result], stored: Stored) -> str:
    """One line for each work: what it took, its floors, the ratio beside the stored one, and its goal."""
    rows = [("work", "CPU s", "wall s", "peak MiB", "floors (CPU s)", "ratio", "stored", "", "goal", "within?")]
    for result in results:
        measured = result.measured
        rows.append(
            (
                result.work.title,
                f"{measured.cpu:.2f}",
                f"{measured.seconds:.2f}",
                f"{measured.peak_mib:.0f}",
                ", ".join(f"{label} {floor.cpu:.2f}" for label, floor in result.floors),
                *_beside(result.work.name, result.ratio, stored),
                str(result.work.goal),
                _yes(result.within),
            )
        )
    return aligned(rows)


def growth_table(sizes: Sequence[Steps], stored: Stored) -> str:
    """One line for each step of a plan, one column for each size; below, what is held against a goal or a ratio."""
    smaller, larger = sizes
    rows = [("CPU s of each step", f"{smaller.registered:,} registered", f"{larger.registered:,} registered")]
    rows.append(("resources, derived ones too", f"{smaller.total:,}", f"{larger.total:,}"))
    rows += [(step, f"{smaller.seconds[step]:.3f}", f"{larger.seconds[step]:.3f}") for step in smaller.seconds]
    rows.append(("all steps", f"{smaller.sum:.3f}", f"{larger.sum:.3f}"))
    rows.append(("as many bare resources", f"{smaller.bare:.3f}", f"{larger.bare:.3f}"))
    factor = growth(smaller, larger)
    lines = [
        aligned(rows),
        f"growth at 4 times the size: {factor:.2f} (goal under {GROWTH_GOAL:g}): {_yes(factor < GROWTH_GOAL)}",
    ]
    for step, goal in STEP_GOALS.items():
        took = larger.seconds[step]
        lines.append(f"{step} over {larger.total:,} resources: {took:.2f} s (goal {goal:g} s): {_yes(took <= goal)}")
    for name, ratio in ratios(Measured(sizes=sizes)).items():
        ratio_text, before, verdict = _beside(name, ratio, stored)
        lines.append(f"{name}: ratio {ratio_text}, stored {before}: {verdict}")
    return "\n".join(lines)


def engine_table(runs: Sequence[BesideStock]) -> str:
    """One line for each command of the engine: what the program's process took beside the stock SDK's.

    The stock SDK's part depends on how often the engine happens to wake it, so a goal is what these ratios are held
    against.
    """
    rows = [("under the engine", "CPU s", "peak MiB", "stock SDK", "ratio", "goal", "within?")]
    for run in runs:
        rows.append(
            (
                f"{run.name.removeprefix('engine-')}, {run.count:,} resources",
                f"{run.own.cpu:.2f}",
                f"{run.own.peak_mib:.0f}",
                f"{run.stock.cpu:.2f}",
                f"{run.ratio:.2f}",
                f"{GOALS[run.name]:.2f}",
                _yes(run.within),
            )
        )
    return aligned(rows)


def ratios(measured: Measured) -> dict[str, float]:
    """Everything that is held against the stored ratios."""
    found = {result.work.name: result.ratio for result in measured.works}
    if measured.sizes:
        smaller, larger = measured.sizes
        found |= {"growth": growth(smaller, larger), "record": larger.record_ratio}
    return {name: round(value, 2) for name, value in sorted(found.items())}


def regressions(found: Mapping[str, float], stored: Stored) -> dict[str, str]:
    """What is slower than stored by more than the tolerance, and what is not stored yet, each in words."""
    problems = {}
    for name, ratio in sorted(found.items()):
        if name not in stored:
            problems[name] = f"{name}: {ratio:.2f} has no stored ratio (run with --store)"
        elif _is_slower(ratio, stored[name]):
            above = ratio / stored[name] - 1
            problems[name] = f"{name}: {ratio:.2f} is {above:.0%} above the stored {stored[name]:.2f}"
    return problems


def above_goals(runs: Sequence[BesideStock]) -> dict[str, str]:
    """Commands of the engine that take more of the stock SDK's part than their goal, each in words."""
    return {
        run.name: f"{run.name}: {run.ratio:.2f} of the stock SDK's is above the goal of {GOALS[run.name]:.2f}"
        for run in runs
        if not run.within
    }


def to_json(measured: Measured, stored: Stored) -> dict[str, object]:
    """All numbers. Seconds hold for this machine and this run only; ratios can be compared."""
    works = [
        {
            "name": result.work.name,
            "seconds": result.measured.seconds,
            "cpuSeconds": result.measured.cpu,
            "peakMib": result.measured.peak_mib,
            "floors": {label: floor.cpu for label, floor in result.floors},
            "goal": {"seconds": result.work.goal.seconds, "peakMib": result.work.goal.peak_mib},
            "within": result.within,
        }
        for result in measured.works
    ]
    steps = [
        {
            "registered": item.registered,
            "resources": item.total,
            "cpuSeconds": dict(item.seconds),
            "bareCpuSeconds": item.bare,
        }
        for item in measured.sizes
    ]
    engine = [
        {
            "name": run.name,
            "resources": run.count,
            "cpuSeconds": run.own.cpu,
            "peakMib": run.own.peak_mib,
            "stockCpuSeconds": run.stock.cpu,
            "goal": {"ratio": GOALS[run.name]},
            "within": run.within,
        }
        for run in measured.engine
    ]
    found = ratios(measured)
    known = {name: stored[name] for name in found if name in stored}
    return {
        "schema": "bedplate.bench/v3",
        "works": works,
        "steps": steps,
        "engine": engine,
        "ratios": found,
        "stored": known,
    }


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """`rows` as a table; columns of numbers are right-aligned."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    numbers = [all(_is_number(row[column]) for row in rows[1:]) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numbers, strict=True)
        ).rstrip()
        for row in rows
    ]
    return "\n".join(lines)


def _beside(name: str, ratio: float, stored: Stored) -> tuple[str, str, str]:
    """A ratio, the stored one, and what their difference means."""
    if name not in stored:
        return f"{ratio:.2f}", "none", "NEW"
    return f"{ratio:.2f}", f"{stored[name]:.2f}", "SLOWER" if _is_slower(ratio, stored[name]) else "ok"


def _is_slower(ratio: float, stored: float) -> bool:
    return ratio > stored * (1 + TOLERANCE)


def _is_number(cell: str) -> bool:
    return cell.replace(".", "").replace(",", "").isdecimal()


def _yes(good: bool) -> str:
    return "yes" if good else "NO"
