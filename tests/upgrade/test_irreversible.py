"""What cannot be taken back is agreed to first, and nobody is told to revert it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.versions import Upgrade
from bedplate.output.lines import Lines
from bedplate.output.upgrade import step_text
from bedplate.upgrade.plan import plan_upgrade
from bedplate.upgrade.steps import Step
from tests.support.environments import TODAY
from tests.upgrade.repositories import NEW, resolved, small, step

KUBERNETES = ("kubernetes", "1.34", "1.35")
IMAGE = ("amiRelease", "1.34.9-20260714", "1.35.6-20260714")
CERTIFICATES = ("certManager", "1.21.1", "1.21.2")


def taken(folder: Path, move: tuple[str, str, str], name: str) -> Step:
    """The step called `name`, were `move` safe and never to be taken back."""
    facts = Catalog()
    changed = facts.upgrades[move].model_copy(update={"irreversible": True, "reversible_days": None})

    @dataclass(frozen=True)
    class OneWay(Catalog):
        """The catalogue with that row."""

        def upgrade(self, part: str, old: str, new: str) -> Upgrade | None:
            return changed if (part, old, new) == move else facts.upgrade(part, old, new)

    return step(plan_upgrade(resolved(small(folder)), OneWay(), NEW, TODAY), name)


@pytest.mark.parametrize(
    ("move", "name", "no_return"),
    [
        (KUBERNETES, "control-plane-1.35", "the control plane cannot go back"),
        (IMAGE, "pool-l4", "nodes of l4 cannot go back"),
        (CERTIFICATES, "part-certManager", "certManager cannot go back"),
    ],
)
def test_a_step_that_cannot_be_taken_back_is_agreed_to_first(
    move: tuple[str, str, str], name: str, no_return: str, tmp_path: Path
) -> None:
    found = taken(tmp_path, move, name)
    assert found.kind == "manual"
    assert found.transitions[0].reason.startswith("agree that it cannot be taken back: ")
    assert found.point_of_no_return == no_return
    text = Lines(step_text(found, 1, "dev")).plain
    assert "    back      cannot be taken back: mend what is wrong" in text
    assert "revert" not in text
