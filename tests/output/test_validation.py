from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.model.source import InputError
from bedplate.output.exits import Exit
from bedplate.output.validation import validate, validation_text
from tests.support.environments import read, replaced, repository, write


def broken(tmp_path: Path) -> Path:
    """A repository whose environment `dev` has two mistakes."""
    root = repository(tmp_path)
    document = read(root, "environments/dev.yaml")
    wrong = replaced(replaced(document, "tier", "prodution"), "network.nat", "double")
    write(root, "environments/dev.yaml", wrong)
    return root


def test_every_environment_gets_a_verdict_and_a_good_one_says_what_it_holds(tmp_path: Path) -> None:
    report = validate(repository(tmp_path), ())
    assert [item.name for item in report.environments] == ["dev"]
    assert validation_text(report).plain.startswith("dev: ok (2 node pools, 1 team, 2 models")
    assert report.exit is Exit.OK


def test_all_problems_are_said_at_their_places(tmp_path: Path) -> None:
    report = validate(broken(tmp_path), ["dev"])
    text = validation_text(report).plain
    assert text.startswith("dev: 2 problems\n  environments/dev.yaml:")
    assert "did you mean production?" in text
    assert "'double' is not one of the allowed values" in text
    assert report.exit is Exit.USAGE


def test_levels_that_name_no_policy_are_problems_before_anything_is_planned(tmp_path: Path) -> None:
    root = repository(tmp_path)
    floor = {"schema": "bedplate.floor/v1", "policies": [{"policy": "workload/images-pinned", "level": "mandatory"}]}
    write(root, "environments/_floor.yaml", floor)
    report = validate(root, ["dev"])
    assert report.exit is Exit.USAGE
    text = (
        "environments/_floor.yaml: there is no policy 'workload/images-pinned'; did you mean workloads/images-pinned?"
    )
    assert validation_text(report).plain == f"dev: 1 problem\n  {text}\n"


def test_an_unknown_environment_does_not_keep_others_from_being_validated(tmp_path: Path) -> None:
    report = validate(repository(tmp_path), ["prod", "dev", "dev"])
    assert [(item.name, bool(item.problems)) for item in report.environments] == [("prod", True), ("dev", False)]


def test_a_folder_without_environments_is_an_error_and_no_success(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no environment in environments/"):
        validate(tmp_path, ())


def test_json_has_the_place_of_each_problem_as_numbers(tmp_path: Path) -> None:
    (found, *_) = validate(broken(tmp_path), ["dev"]).to_json()["environments"][0]["problems"]
    assert found["place"]["file"] == "environments/dev.yaml"
    assert found["place"]["line"] > 1
