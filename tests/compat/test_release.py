"""What is kept of a version when it is released holds that version against itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bedplate.cli.compatibility import compared
from bedplate.output.exits import Exit
from tests.compat.release import keep
from tests.compat.releases import broken
from tests.compat.states import STACKS, planned, state_file
from tests.support.engine import EngineSandbox, platform_copy
from tests.support.environments import ROOT

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("released-states")]


def test_a_version_that_is_kept_changes_nothing_of_its_own(tmp_path: Path) -> None:
    release = keep("9.9.9", tmp_path / "kept", date(2026, 11, 21))
    assert {path.name for path in release.iterdir()} == {
        "environments",
        "record.json",
        *(state_file(release, stack).name for stack in STACKS),
    }
    found = compared(release, release / "record.json")
    assert (found.exit, list(broken(found))) == (Exit.OK, [])
    with pytest.raises(FileExistsError):
        keep("9.9.9", tmp_path / "kept", date(2026, 11, 21))
    platform = platform_copy(ROOT, tmp_path / "platform", environments=release / "environments")
    with EngineSandbox() as sandbox:
        sandbox.env["PYTHONPATH"] = str(ROOT)
        for stack in STACKS:
            assert planned(sandbox, platform, stack, state_file(release, stack)) == []
