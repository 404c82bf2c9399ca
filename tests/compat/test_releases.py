"""Whoever moves from a released version to this one loses nothing that nobody told of."""

from __future__ import annotations

import pytest

from bedplate.cli.compatibility import read_record
from bedplate.graph.graph import READERS
from tests.compat.releases import FOLDER, accepted, broken, held_against, releases

_HINT = "give the resource an alias, keep the key, or list it with reason and remedy in tests/compat/accepted.yaml"


@pytest.mark.parametrize("release", releases())
def test_no_object_of_a_released_version_is_deleted_or_replaced_unless_that_is_accepted(release: str) -> None:
    found = set(broken(held_against(release)))
    allowed = accepted(release)
    assert sorted(found - allowed) == [], _HINT
    assert sorted(allowed - found) == [], "it is not broken any more: take it off the list"


@pytest.mark.parametrize("release", releases())
def test_every_environment_of_a_released_version_is_in_its_record(release: str) -> None:
    record = read_record(FOLDER / release / "record.json")
    assert set(record["environments"]) == {"airgap.hall-a", "dev", "prod"}
    assert all(len(made["identities"]) > 20 for made in record["environments"].values())
    assert not any("problem" in made for made in record["environments"].values())


@pytest.mark.parametrize("release", releases())
def test_the_graph_format_of_a_released_version_has_a_reader(release: str) -> None:
    written = {name for name in read_record(FOLDER / release / "record.json")["formats"] if ".graph/" in name}
    assert written
    assert written <= set(READERS)


def test_there_is_a_released_version_to_hold_this_one_against() -> None:
    assert releases()
