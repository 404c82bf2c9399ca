"""The command refuses what it cannot measure, and the stored ratios are complete."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bedplate.model.yaml_text import MAX_BYTES
from tests.bench.front_door import document
from tests.bench.run import BASELINE, main
from tests.bench.works import WORKS
from tests.bench.workshop import Workshop


def test_an_unknown_name_is_refused_and_the_known_ones_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["plan-prd"])
    message = capsys.readouterr().err
    assert "nothing is called plan-prd" in message
    assert "plan-prod" in message


def test_everything_that_is_measured_has_a_stored_ratio() -> None:
    stored = yaml.safe_load(BASELINE.read_text(encoding="utf-8"))
    assert stored.keys() == {*(work.name for work in WORKS), "growth", "record"}
    assert all(ratio > 0 for ratio in stored.values())


def test_the_largest_honest_document_is_as_long_as_the_front_door_takes() -> None:
    assert MAX_BYTES * 0.98 < len(document()) <= MAX_BYTES


def test_a_repository_to_plan_in_differs_in_one_model_and_leaves_the_checkout_alone() -> None:
    with Workshop() as workshop:
        same, changed = workshop.repository(changed=False), workshop.repository(changed=True)
        files = {path.relative_to(same) for path in (same / "environments").rglob("*.yaml")}
        different = [path for path in files if (same / path).read_bytes() != (changed / path).read_bytes()]
        folder = same.parent
    assert [path.parent.parent for path in different] == [Path("environments/models")]
    assert not folder.exists()
