"""A platform repository begins with one command, and its schemas follow its own components."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bedplate.environment.load import load
from bedplate.output.schemas import schema
from bedplate.output.starter import project_files
from tests.cli.running import Result, run
from tests.extensions.own import with_on_call
from tests.extensions.test_company import COMPANY
from tests.support.environments import read

VALUES = {
    "--account": "111122223333",
    "--region": "eu-central-1",
    "--admin": "arn:aws:iam::111122223333:role/platform-admins",
    "--owner": "platform-team",
    "--contact": "platform@example.org",
}
PROJECT = (
    ".gitignore",
    "Pulumi.yaml",
    "policy-pack/PulumiPolicy.yaml",
    "policy-pack/__main__.py",
    "program/__main__.py",
)
SCHEMAS = tuple(
    f"environments/schema/{name}.json" for name in ("differences", "environment", "floor", "model-release", "site")
)


def init(root: Path, name: str = "dev", *more: str, **other: str) -> Result:
    values = VALUES | {f"--{key}": value for key, value in other.items()}
    return run("init", name, "--root", str(root), *more, *(part for pair in values.items() for part in pair))


def files(root: Path) -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()))


def test_an_empty_folder_becomes_a_repository_whose_environment_may_be_applied(tmp_path: Path) -> None:
    made = init(tmp_path)
    assert made.code == 0
    assert files(tmp_path) == tuple(sorted([*PROJECT, "environments/dev.yaml", *SCHEMAS]))
    assert made.out.splitlines() == [f"written  {path}" for path in files(tmp_path)]
    assert made.err == "next: read environments/dev.yaml, then: bedplate plan dev --no-base\n"
    plan = run("plan", "dev", "--no-base", "--root", str(tmp_path), "--now", "2026-11-21")
    assert plan.code == 0, plan.out
    assert load(tmp_path, "dev").environment.zones == ("eu-central-1a", "eu-central-1b")


@pytest.mark.parametrize("path", [path for path in PROJECT if path != ".gitignore"])
def test_the_made_up_company_whose_repository_is_applied_in_tests_has_the_same_project(path: str) -> None:
    assert (COMPANY / path).read_text(encoding="utf-8") == project_files()[path]


def test_a_second_environment_leaves_everything_else_as_it_is(tmp_path: Path) -> None:
    init(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: bedplate\nmain: elsewhere\n", encoding="utf-8")
    (tmp_path / "program/__main__.py").unlink()
    made = init(tmp_path, "trial", "--json")
    document = made.json
    assert list(Draft202012Validator(schema("files")).iter_errors(document)) == []
    states = {item["path"]: item["state"] for item in document["files"]}
    assert states == {"environments/trial.yaml": "written", **dict.fromkeys(SCHEMAS, "same")}
    assert not (tmp_path / "program/__main__.py").exists()


def test_what_is_there_already_of_a_project_is_kept(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n", encoding="utf-8")
    assert "kept     .gitignore" in init(tmp_path).out.splitlines()
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "mine\n"


def test_an_environment_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    init(tmp_path)
    before = read(tmp_path, "environments/dev.yaml")
    again = init(tmp_path, owner="somebody-else")
    assert (again.code, again.out) == (2, "")
    assert again.err == "error: environments/dev.yaml is there already: choose another name, or edit it\n"
    assert read(tmp_path, "environments/dev.yaml") == before


def test_nothing_is_written_of_an_environment_that_would_not_be_valid(tmp_path: Path) -> None:
    made = init(tmp_path, account="12")
    assert made.code == 2
    assert "cloud.account: '12' is not an AWS account id" in made.err
    assert files(tmp_path) == ()


def test_schemas_hold_the_repositorys_own_components(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    assert run("schema", "--root", str(root)).code == 0
    written = json.loads((root / "environments/schema/environment.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(written)
    data = read(root, "environments/dev.yaml")
    assert [error.json_path for error in validator.iter_errors({"extensions": data["extensions"]})] == ["$"] * len(
        written["required"]
    )
    wrong = {"extensions": {"onCall": {"phone": "030"}}}
    assert "$.extensions.onCall" in {error.json_path for error in validator.iter_errors(wrong)}


def test_a_schema_that_is_stale_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    run("schema", "--root", str(root))
    assert run("schema", "--check", "--root", str(root)).code == 0
    file = root / "environments/schema/environment.json"
    file.write_text("{}\n", encoding="utf-8")
    told = run("schema", "--check", "--root", str(root))
    assert (told.code, told.err) == (7, "next: bedplate schema\n")
    assert "stale    environments/schema/environment.json" in told.out.splitlines()
    assert file.read_text(encoding="utf-8") == "{}\n"


@pytest.mark.parametrize("option", VALUES)
def test_what_init_cannot_guess_is_asked_for(tmp_path: Path, option: str) -> None:
    arguments = [part for pair in VALUES.items() if pair[0] != option for part in pair]
    made = run("init", "dev", "--root", str(tmp_path), *arguments)
    assert made.code == 2
    assert f"Missing option '{option}'" in made.err
