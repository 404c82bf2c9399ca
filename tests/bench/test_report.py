"""A ratio far above the stored one is named; tables say everything that was measured."""

from __future__ import annotations

import re

from tests.bench.engine import BesideStock, Used
from tests.bench.growth import Steps
from tests.bench.measure import Measurement, Sample
from tests.bench.report import (
    Measured,
    above_goals,
    aligned,
    engine_table,
    growth_table,
    ratios,
    regressions,
    to_json,
    work_table,
)
from tests.bench.works import Goal, Result, Work


def _result(name: str, *, seconds: float, cpu: float, floor: float, goal: Goal) -> Result:
    work = Work(name, f"bedplate {name}", goal, lambda _: ((name,), ()))
    measured = Measurement((Sample(seconds, cpu, 120.0),))
    far, near = Measurement((Sample(0.1, 0.1, 10.0),)), Measurement((Sample(floor, floor, 10.0),))
    return Result(work, measured, (("python", far), ("import pydantic", near)))


_GOOD = _result("validate", seconds=0.5, cpu=0.4, floor=0.2, goal=Goal(0.7))
_BAD = _result("plan", seconds=2.0, cpu=1.8, floor=1.2, goal=Goal(3, 100))
_STEPS = [
    Steps(count, count + 10, {"record": count / 1e3, "policies": count / 1e4}, count / 2e3) for count in (990, 3990)
]
_ENGINE = BesideStock("engine-up", 1000, stock=Used(40.0, 210.0), own=Used(8.0, 200.0))
_MEASURED = Measured([_GOOD], _STEPS, [_ENGINE])
_STORED = {"validate": 2.0, "plan": 1.1, "growth": 3.9, "record": 2.0}


def test_the_ratio_is_to_the_nearest_floor() -> None:
    assert ratios(Measured([_GOOD, _BAD])) == {"plan": 1.5, "validate": 2.0}


def test_growth_and_the_recorder_at_the_larger_size_are_held_against_stored_ratios_too() -> None:
    assert ratios(Measured(sizes=_STEPS)) == {"growth": 4.03, "record": 2.0}


def test_a_quarter_more_than_stored_passes_and_anything_above_is_named() -> None:
    assert regressions({"plan": 2.5, "validate": 1.0}, {"plan": 2.0, "validate": 2.0}) == {}
    assert regressions({"plan": 2.6}, {"plan": 2.0}) == {"plan": "plan: 2.60 is 30% above the stored 2.00"}


def test_a_ratio_that_was_never_stored_is_a_problem() -> None:
    assert regressions({"plan": 2.0}, {}) == {"plan": "plan: 2.00 has no stored ratio (run with --store)"}


def test_the_table_says_what_was_measured_what_is_stored_and_whether_it_is_within_the_goal() -> None:
    header, good, bad = work_table([_GOOD, _BAD], _STORED).splitlines()
    assert header.split("  ")[0] == "work"
    assert "import pydantic 0.20" in good
    assert good.split()[-6:] == ["2.00", "2.00", "ok", "0.7", "s", "yes"]
    assert bad.split()[-8:] == ["1.50", "1.10", "SLOWER", "3", "s,", "100", "MiB", "NO"]
    assert "none    NEW" in work_table([_GOOD], {})


def test_memory_above_its_goal_is_not_within() -> None:
    assert _GOOD.within
    assert not _BAD.within


def test_the_growth_table_has_a_line_for_each_step_and_below_what_is_held_against_a_goal() -> None:
    lines = growth_table(_STEPS, _STORED).splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "CPU s of each step",
        "resources, derived ones too",
        "record",
        "policies",
        "all steps",
        "as many bare resources",
        "growth at 4 times the size: 4.03 (goal under 5): yes",
        "policies over 4,000 resources: 0.40 s (goal 1 s): yes",
        "growth: ratio 4.03, stored 3.90: ok",
        "record: ratio 2.00, stored 2.00: ok",
    ]


def test_growth_at_or_above_the_goal_is_said() -> None:
    slow = [Steps(size, size, {"record": float(size**2), "policies": 0.0}, 1.0) for size in (100, 400)]
    assert "growth at 4 times the size: 16.00 (goal under 5): NO" in growth_table(slow, _STORED)


def test_a_program_under_the_engine_is_held_against_the_stock_sdk() -> None:
    preview = BesideStock("engine-preview", 1000, stock=Used(10.0, 210.0), own=Used(7.0, 200.0))
    header, good, bad = engine_table([_ENGINE, preview]).splitlines()
    assert header.startswith("under the engine")
    assert re.split("  +", good) == ["up, 1,000 resources", "8.00", "200", "40.00", "0.20", "0.25", "yes"]
    assert re.split("  +", bad)[4:] == ["0.70", "0.60", "NO"]
    assert above_goals([_ENGINE, preview]) == {
        "engine-preview": "engine-preview: 0.70 of the stock SDK's is above the goal of 0.60"
    }


def test_columns_of_numbers_are_right_aligned() -> None:
    assert aligned([("name", "count"), ("a", "1,000"), ("long name", "7")]) == (
        "name       count\na          1,000\nlong name      7"
    )


def test_json_holds_every_number_and_the_goal() -> None:
    document = to_json(_MEASURED, _STORED)
    assert document["works"] == [
        {
            "name": "validate",
            "seconds": 0.5,
            "cpuSeconds": 0.4,
            "peakMib": 120.0,
            "floors": {"python": 0.1, "import pydantic": 0.2},
            "goal": {"seconds": 0.7, "peakMib": None},
            "within": True,
        }
    ]
    assert document["engine"] == [
        {
            "name": "engine-up",
            "resources": 1000,
            "cpuSeconds": 8.0,
            "peakMib": 200.0,
            "stockCpuSeconds": 40.0,
            "goal": {"ratio": 0.25},
            "within": True,
        }
    ]
    assert document["ratios"] == ratios(_MEASURED)
    assert document["stored"] == {"validate": 2.0, "growth": 3.9, "record": 2.0}
