"""Derived objects are those that KServe makes: every example, in full."""

from __future__ import annotations

import pytest

from bedplate.graph.derive.results import Underivable
from bedplate.graph.values import freeze
from tests.graph.derive.case_files import case_names, load_case
from tests.support.compare import AllowedDifferences, differences

EXACTLY = AllowedDifferences(())


@pytest.mark.parametrize("name", case_names())
def test_an_example_derives_the_kinds_of_objects_that_kserve_makes(name: str) -> None:
    case = load_case(name)
    derived = [each for each in case.derive() if not isinstance(each, Underivable)]
    assert sorted(each.manifest["kind"] for each in derived) == case.expected["kinds"]


@pytest.mark.parametrize("name", case_names())
def test_an_example_derives_objects_equal_to_those_of_kserve_field_by_field(name: str) -> None:
    case = load_case(name)
    derived = {each.manifest["kind"]: each.manifest for each in case.derive() if not isinstance(each, Underivable)}
    expected = {manifest["kind"]: manifest for manifest in case.expected["objects"]}
    found = {kind: differences(derived[kind], manifest, EXACTLY) for kind, manifest in expected.items()}
    assert found == {kind: [] for kind in expected}


@pytest.mark.parametrize("name", case_names())
def test_deriving_changes_nothing_in_its_input_and_takes_read_only_input(name: str) -> None:
    case, frozen = load_case(name), load_case(name)
    case.derive()
    assert case.input == frozen.input
    read_only = type(case)(case.name, freeze(case.input), freeze(case.config), freeze(case.storage_containers))
    assert read_only.derive() == case.derive()
