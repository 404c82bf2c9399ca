"""A ratio far above the stored one is named; tables say everything that was measured."""

from __future__ import annotations

from tests.bench.growth import SIZES, Steps
from tests.bench.measure import Measurement, Sample
from tests.bench.report import aligned, growth_table, ratios, regressions, to_json, work_table
from tests.bench.works import Goal, Result, Work


def _result(name: str, *, seconds: float, cpu: float, floor: float, goal: Goal) -> Result:
    work = Work(name, f"bedplate {name}", goal, lambda _: ((name,), ()))
    measured = Measurement((Sample(seconds, cpu, 120.0),))
    far, near = Measurement((Sample(0.1, 0.1, 10.0),)), Measurement((Sample(floor, floor, 10.0),))
    return Result(work, measured, (("python", far), ("import pydantic", near)))


_GOOD = _result("validate", seconds=0.5, cpu=0.4, floor=0.2, goal=Goal(0.7))
_BAD = _result("plan", seconds=2.0, cpu=1.8, floor=1.2, goal=Goal(3, 100))
_STEPS = [Steps(100 * times, 110 * times, {"record": 0.1 * times, "derive": 0.0}, 0.05 * times) for times in SIZES]


def test_the_ratio_is_to_the_nearest_floor() -> None:
    assert ratios([_GOOD, _BAD], []) == {"plan": 1.5, "validate": 2.0}


def test_growth_and_the_recorder_are_held_against_stored_ratios_too() -> None:
    assert ratios([], _STEPS) == {
        "growth-4x-16x": 4.0,
        "growth-16x-64x": 4.0,
        "record-4x": 2.0,
        "record-16x": 2.0,
        "record-64x": 2.0,
    }


def test_a_quarter_more_than_stored_passes_and_anything_above_is_named() -> None:
    assert regressions({"plan": 2.5, "validate": 1.0}, {"plan": 2.0, "validate": 2.0}) == []
    assert regressions({"plan": 2.6}, {"plan": 2.0}) == ["plan: 2.60 is 30% above the stored 2.00"]


def test_a_ratio_that_was_never_stored_is_a_problem() -> None:
    assert regressions({"plan": 2.0}, {}) == ["plan: 2.00 has no stored ratio (run with --store)"]


def test_the_table_says_what_was_measured_and_whether_it_is_within_the_goal() -> None:
    header, good, bad = work_table([_GOOD, _BAD]).splitlines()
    assert header.split("  ")[0] == "work"
    assert good.endswith("yes")
    assert "import pydantic 0.20" in good
    assert bad.endswith("3 s, 100 MiB  NO")


def test_memory_above_its_goal_is_not_within() -> None:
    assert _GOOD.within
    assert not _BAD.within


def test_the_growth_table_has_a_line_for_each_step_and_each_pair_of_sizes() -> None:
    lines = growth_table(_STEPS).splitlines()
    assert [line.split("  ")[0] for line in lines[:4]] == [
        "CPU s of each step",
        "resources, derived ones too",
        "record",
        "derive",
    ]
    assert lines[-1] == "growth-16x-64x: 4.00 at 4 times the size (goal under 5): yes"


def test_growth_at_or_above_the_goal_is_said() -> None:
    slow = [Steps(times, times, {"record": float(times**2)}, 1.0) for times in SIZES]
    assert growth_table(slow).endswith("16.00 at 4 times the size (goal under 5): NO")


def test_columns_of_numbers_are_right_aligned() -> None:
    assert aligned([("name", "count"), ("a", "1,000"), ("long name", "7")]) == (
        "name       count\na          1,000\nlong name      7"
    )


def test_json_holds_every_number_and_the_goal() -> None:
    document = to_json([_GOOD], _STEPS)
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
    assert document["ratios"] == ratios([_GOOD], _STEPS)
