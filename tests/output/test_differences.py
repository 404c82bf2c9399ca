"""Two environments beside each other: surprises first, what is meant to differ with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.environment.expected import DifferencesSpec, ExpectedSpec, matches, read_differences
from bedplate.environment.load import load
from bedplate.model.source import InputError
from bedplate.output.differences import Differences, differences, differences_text
from bedplate.output.exits import Exit
from tests.support.environments import PLATFORM, ROOT, read, replaced, repository, whole, write

REASON = "written by a test"


def report(folder: Path, *edits: tuple[str, object], expected: tuple[str, ...] = ()) -> Differences:
    """`dev` beside a copy of it with `edits`, of which those below `expected` are meant."""
    root = repository(folder)
    data = whole(PLATFORM, "dev")
    for path, value in (("name", "twin"), *edits):
        data = replaced(data, path, value)
    write(root, "environments/twin.yaml", data)
    pair = {"between": ["twin", "dev"], "expected": [{"path": path, "reason": REASON} for path in expected]}
    declared = DifferencesSpec.model_validate({"schema": "bedplate.differences/v1", "pairs": [pair]})
    return differences(load(root, "dev"), load(root, "twin"), declared)


def test_environments_that_differ_in_their_names_alone_say_the_same(tmp_path: Path) -> None:
    found = report(tmp_path, ("description", "Another one"))
    assert found.verdict == "dev and twin say the same"
    assert found.exit_code(detailed=True) is Exit.OK


def test_a_difference_is_told_with_both_values_by_the_name_of_its_item(tmp_path: Path) -> None:
    (item,) = report(tmp_path, ("nodePools[l4].size.max", 3)).found
    assert (item.path, item.first, item.second, item.reason) == ("nodePools[l4].size.max", 2, 3, "")


def test_defaults_count_as_said(tmp_path: Path) -> None:
    assert report(tmp_path, ("cluster.support", "standard")).found == ()


def test_what_is_meant_to_differ_is_no_surprise_in_either_order(tmp_path: Path) -> None:
    found = report(tmp_path, ("nodePools[l4].size.max", 3), expected=("nodePools[*].size.*",))
    assert [item.reason for item in found.found] == [REASON]
    assert found.surprises == ()
    assert found.exit_code(detailed=True) is Exit.OK


def test_a_surprise_comes_first_and_counts_for_the_exit_code(tmp_path: Path) -> None:
    edits = (("tier", "staging"), ("nodePools[l4].size.max", 3))
    found = report(tmp_path, *edits, expected=("tier",))
    assert found.verdict == "dev → twin: 2 differences, 1 expected, 1 not"
    assert (found.exit_code(detailed=True), found.exit_code(detailed=False)) == (Exit.CHANGES, Exit.OK)
    text = differences_text(found).plain
    assert text.index("nodePools[l4].size.max") < text.index("tier")


def test_what_is_declared_and_does_not_differ_is_said(tmp_path: Path) -> None:
    found = report(tmp_path, expected=("cost.monthlyBudget",))
    assert [item.path for item in found.stale] == ["cost.monthlyBudget"]
    assert "Expected, and not there" in differences_text(found).plain


@pytest.mark.parametrize(
    ("pattern", "path", "held"),
    [
        ("nodePools[*].size.*", "nodePools[l4].size.max", True),
        ("nodePools[l4].size.max", "nodePools[l4].size.max", True),
        ("nodePools[l4].size.max", "nodePools4.size.max", False),
        ("cluster.*", "cluster.logs", True),
        ("cluster.*", "clusters", False),
    ],
)
def test_a_star_stands_for_any_text_and_brackets_for_themselves(pattern: str, path: str, held: bool) -> None:
    assert matches(ExpectedSpec(path=pattern, reason=REASON), path) is held


def test_the_shipped_environments_hold_no_surprise() -> None:
    found = differences(load(ROOT, "dev"), load(ROOT, "prod"), read_differences(ROOT))
    assert [item.path for item in found.surprises] == []
    assert [item.path for item in found.stale] == []


def test_a_list_without_reasons_is_refused(tmp_path: Path) -> None:
    root = repository(tmp_path)
    write(root, "environments/_differences.yaml", {"schema": "bedplate.differences/v1", "pairs": [{"between": ["a"]}]})
    with pytest.raises(InputError, match=r"environments/_differences.yaml"):
        read_differences(root)
    assert read(root, "environments/_differences.yaml")


def test_sites_of_one_environment_differ_in_what_is_their_own_and_in_nothing_unexpected() -> None:
    found = differences(load(ROOT, "airgap.hall-a"), load(ROOT, "airgap.hall-b"), None)
    assert {"cluster.context", "registry", "nodePools[h100].nodes"} <= {item.path for item in found.found}
    assert {item.reason for item in found.found} == {"each site has its own"}
    assert (found.surprises, found.stale) == ((), ())
