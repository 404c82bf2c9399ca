"""The real engine, over the state that a released version left: the present program deletes and replaces nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat.releases import FOLDER, accepted, edited, releases
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
    platform = platform_copy(
        ROOT, tmp_path / "platform", environments=edited(release, tmp_path / "release") / "environments"
    )
    with EngineSandbox() as sandbox:
        # This checkout, whichever one the interpreter has installed.
        sandbox.env["PYTHONPATH"] = str(ROOT)
        steps = planned(sandbox, platform, stack, state_file(FOLDER / release, stack))
    known = {text.partition(" ")[2].partition(": ")[0] for _, text in accepted(release)}
    assert [(op, urn) for op, urn in steps if op in _LOST and urn not in known] == []


def test_the_engine_says_what_another_identity_replaces(tmp_path: Path) -> None:
    release = FOLDER / releases()[-1]
    environments = edited(release.name, tmp_path / "release") / "environments"
    platform = platform_copy(ROOT, tmp_path / "platform", environments=environments)
    file = platform / "environments/prod.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("cidr: 10.64.0.0/16") == 1
    file.write_text(text.replace("cidr: 10.64.0.0/16", "cidr: 10.66.0.0/16"), encoding="utf-8")
    with EngineSandbox() as sandbox:
        sandbox.env["PYTHONPATH"] = str(ROOT)
        steps = planned(sandbox, platform, "prod.cluster", state_file(release, "prod.cluster"))
    assert "aws:ec2/vpc:Vpc" in {urn.split("::")[2].rpartition("$")[2] for op, urn in steps if op in _LOST}
