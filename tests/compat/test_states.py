"""The real engine, over the state that a released version left: the present program deletes and replaces nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat.releases import FOLDER, accepted, releases
from tests.compat.states import STACKS, planned, state_file
from tests.support.engine import EngineSandbox, platform_copy
from tests.support.environments import ROOT

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("released-states")]

# A URN that goes, and one that is made again.
_LOST = ("delete", "replace", "create-replacement", "delete-replaced", "discard-replaced", "read-replacement")


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("release", releases())
def test_the_engine_deletes_and_replaces_nothing_of_a_released_version(
    release: str, stack: str, tmp_path: Path
) -> None:
    platform = platform_copy(ROOT, tmp_path / "platform", environments=FOLDER / release / "environments")
    with EngineSandbox() as sandbox:
        # This checkout, whichever one the interpreter has installed.
        sandbox.env["PYTHONPATH"] = str(ROOT)
        steps = planned(sandbox, platform, stack, state_file(FOLDER / release, stack))
    known = {text.partition(" ")[2].partition(": ")[0] for _, text in accepted(release)}
    assert [(op, urn) for op, urn in steps if op in _LOST and urn not in known] == []
