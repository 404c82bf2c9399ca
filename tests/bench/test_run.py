"""The command refuses what it cannot measure, and the stored ratios are complete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.growth import SIZES, Steps
from tests.bench.report import ratios
from tests.bench.run import BASELINE, main
from tests.bench.works import WORKS
from tests.bench.workshop import Workshop


def test_an_unknown_name_is_refused_and_the_known_ones_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["plan-unchangd"])
    message = capsys.readouterr().err
    assert "nothing is called plan-unchangd" in message
    assert "plan-unchanged" in message


def test_every_work_and_every_growth_has_a_stored_ratio() -> None:
    steps = [Steps(times, times, {"record": 1.0 * times}, 1.0) for times in SIZES]
    stored = json.loads(BASELINE.read_text(encoding="utf-8"))
    assert stored.keys() == {work.name for work in WORKS} | ratios([], steps).keys()


def test_a_repository_to_plan_in_differs_in_one_model_and_leaves_the_checkout_alone() -> None:
    with Workshop() as workshop:
        same, changed = workshop.repository(changed=False), workshop.repository(changed=True)
        files = {path.relative_to(same) for path in (same / "environments").rglob("*.yaml")}
        different = [path for path in files if (same / path).read_bytes() != (changed / path).read_bytes()]
        folder = same.parent
    assert [path.parent.parent for path in different] == [Path("environments/models")]
    assert not folder.exists()
