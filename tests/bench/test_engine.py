"""A program is measured under the real engine in the stock way and in Bedplate's."""

from __future__ import annotations

import pytest

from tests.bench.engine import GOALS, beside_stock

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("bench-engine")]


def test_both_ways_are_measured_for_a_preview_and_an_apply() -> None:
    runs = beside_stock(count=3)
    assert [(run.name, run.count) for run in runs] == [(name, 3) for name in GOALS]
    for run in runs:
        assert min(run.stock.cpu, run.own.cpu, run.stock.peak_mib, run.own.peak_mib) > 0
