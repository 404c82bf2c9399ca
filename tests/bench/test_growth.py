"""Growth is told from two sizes whatever they are."""

from __future__ import annotations

import pytest

from tests.bench.growth import Steps, growth, least


def _steps(total: int, seconds: float) -> Steps:
    return Steps(total, total, {"record": seconds / 2, "derive": seconds / 2}, 0.1)


@pytest.mark.parametrize(("power", "factor"), [(1, 4.0), (2, 16.0)], ids=["linear", "quadratic"])
@pytest.mark.parametrize("larger", [200, 390, 1600])
def test_a_step_grows_by_its_power(power: int, factor: float, larger: int) -> None:
    assert growth(_steps(100, 0.1), _steps(larger, 0.1 * (larger / 100) ** power)) == pytest.approx(factor)


def test_the_least_of_each_step_counts() -> None:
    runs = [Steps(7, 9, {"record": 3.0, "derive": 1.0}, 2.0), Steps(7, 9, {"record": 2.0, "derive": 4.0}, 0.5)]
    best = least(runs)
    assert (best.registered, best.total, dict(best.seconds), best.bare) == (7, 9, {"record": 2.0, "derive": 1.0}, 0.5)
    assert best.record_ratio == 4.0
