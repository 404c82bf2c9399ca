"""Results as tables, as JSON, and beside the stored ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.bench.growth import GROWTH_GOAL, SIZES, Steps, growth
from tests.bench.works import Result

# A ratio that is more than this above the stored one fails the check.
TOLERANCE = 0.25


def work_table(results: Sequence[Result]) -> str:
    """One line for each work: what it took, its floors, and its goal."""
    rows = [("work", "median s", "CPU s", "peak MiB", "floors (CPU s)", "ratio", "goal", "within?")]
    for result in results:
        measured = result.measured
        rows.append(
            (
                result.work.title,
                f"{measured.seconds:.2f}",
                f"{measured.cpu:.2f}",
                f"{measured.peak_mib:.0f}",
                ", ".join(f"{label} {floor.cpu:.2f}" for label, floor in result.floors),
                f"{result.ratio:.2f}",
                str(result.work.goal),
                _yes(result.within),
            )
        )
    return aligned(rows)


def growth_table(sizes: Sequence[Steps]) -> str:
    """One line for each step of a plan, one column for each size; below, what grows and how much."""
    rows = [("CPU s of each step", *(f"{times}x" for times in SIZES))]
    rows.append(("resources, derived ones too", *(f"{steps.total:,}" for steps in sizes)))
    rows += [(step, *(f"{steps.seconds[step]:.3f}" for steps in sizes)) for step in sizes[0].seconds]
    rows.append(("all steps", *(f"{steps.sum:.3f}" for steps in sizes)))
    rows.append(("record / bare resources", *(f"{steps.record_ratio:.2f}" for steps in sizes)))
    lines = [aligned(rows)]
    for name, factor in growth_factors(sizes).items():
        lines.append(
            f"{name}: {factor:.2f} at 4 times the size (goal under {GROWTH_GOAL:g}): {_yes(_grows_well(factor))}"
        )
    return "\n".join(lines)


def growth_factors(sizes: Sequence[Steps]) -> dict[str, float]:
    """Growth between each size and the next."""
    pairs = zip(SIZES, sizes, SIZES[1:], sizes[1:], strict=False)
    return {f"growth-{small}x-{large}x": growth(before, after) for small, before, large, after in pairs}


def ratios(results: Sequence[Result], sizes: Sequence[Steps]) -> dict[str, float]:
    """Everything that is held against the stored ratios."""
    found = {result.work.name: result.ratio for result in results}
    if sizes:
        found |= growth_factors(sizes)
        found |= {f"record-{times}x": steps.record_ratio for times, steps in zip(SIZES, sizes, strict=True)}
    return {name: round(value, 2) for name, value in sorted(found.items())}


def regressions(found: Mapping[str, float], stored: Mapping[str, float]) -> list[str]:
    """What is slower than stored by more than the tolerance, and what is not stored yet."""
    problems = []
    for name, ratio in sorted(found.items()):
        if name not in stored:
            problems.append(f"{name}: {ratio:.2f} has no stored ratio (run with --store)")
        elif ratio > stored[name] * (1 + TOLERANCE):
            above = ratio / stored[name] - 1
            problems.append(f"{name}: {ratio:.2f} is {above:.0%} above the stored {stored[name]:.2f}")
    return problems


def to_json(results: Sequence[Result], sizes: Sequence[Steps]) -> dict[str, object]:
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
        for result in results
    ]
    steps = [
        {
            "times": times,
            "registered": item.registered,
            "resources": item.total,
            "cpuSeconds": dict(item.seconds),
            "bareCpuSeconds": item.bare,
        }
        for times, item in zip(SIZES, sizes, strict=False)
    ]
    return {"schema": "bedplate.bench/v1", "works": works, "steps": steps, "ratios": ratios(results, sizes)}


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


def _is_number(cell: str) -> bool:
    return cell.replace(".", "").replace(",", "").isdecimal()


def _grows_well(factor: float) -> bool:
    return factor < GROWTH_GOAL


def _yes(good: bool) -> str:
    return "yes" if good else "NO"
