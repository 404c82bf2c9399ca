"""`plan` and `pr` over a platform repository with a history."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bedplate.cli.reviewing import pull_request
from bedplate.output.markdown import comment
from bedplate.output.pull_request import PullRequest, State
from bedplate.output.schemas import schema
from tests.cli.running import commit, git, run
from tests.support.environments import read, replaced, repository, write

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tags base and head. Between them `dev` grows, `gone` leaves, `fresh` arrives, `poor` breaks, `same` stays."""
    root = repository(tmp_path_factory.mktemp("history"))
    dev = read(root, "environments/dev.yaml")
    for name in ("gone", "poor", "same"):
        write(root, f"environments/{name}.yaml", {**dev, "name": name})
    commit(root, "base")
    git(root, "tag", "base")
    write(root, "environments/dev.yaml", replaced(dev, "nodePools[l4].size", {"min": 1, "desired": 2, "max": 3}))
    write(root, "environments/fresh.yaml", {**dev, "name": "fresh"})
    write(root, "environments/poor.yaml", {**dev, "name": "poor", "surplus": 1})
    (root / "environments/gone.yaml").unlink()
    commit(root, "head")
    git(root, "tag", "head")
    return root


@pytest.fixture(scope="module")
def request_(history: Path) -> PullRequest:
    """The pull request from base to head, both rendered from their commits."""
    return pull_request(history, base="base", head="head", today=TODAY)


def test_every_environment_of_either_side_has_its_state(request_: PullRequest) -> None:
    assert {item.name: item.state for item in request_.environments} == {
        "dev": State.CHANGED,
        "fresh": State.NEW,
        "gone": State.REMOVED,
        "poor": State.BROKEN,
        "same": State.UNCHANGED,
    }


def test_a_change_of_one_value_changes_exactly_the_objects_that_hold_it(request_: PullRequest) -> None:
    (dev, *_) = request_.environments
    assert dev.comparison is not None
    found = {change.label: [item.path for item in change.properties] for change in dev.comparison.registered_changes}
    assert found == {"eks.NodeGroup l4-nodes": ["scalingConfig.desiredSize", "scalingConfig.maxSize"]}


def test_an_environment_that_cannot_be_loaded_says_why_and_decides_the_exit_code(request_: PullRequest) -> None:
    poor = next(item for item in request_.environments if item.name == "poor")
    assert "environments/poor.yaml:" in poor.problem
    assert "unknown key 'surplus'" in poor.problem
    assert request_.exit == 2


def test_the_comment_names_both_commits_and_every_environment(request_: PullRequest) -> None:
    text = comment(request_)
    assert "(base)</code>, head <code>" in text
    assert all(f"<code>{item.name}</code>" in text for item in request_.environments)


def test_the_document_keeps_to_its_published_schema(request_: PullRequest) -> None:
    assert [error.message for error in Draft202012Validator(schema("pr")).iter_errors(request_.to_json())] == []


def test_pr_of_the_working_tree_gives_the_same_comment_but_for_its_label(
    history: Path, request_: PullRequest, tmp_path: Path
) -> None:
    out = tmp_path / "comment.md"
    argv = ["pr", "--root", str(history), "--base", "base", "--now", TODAY.isoformat()]
    found = run(*argv, "--out", str(out))
    assert (found.code, found.out) == (2, "")
    label = f"{git(history, 'rev-parse', 'head')[:7]} (head)"
    assert out.read_text(encoding="utf-8") == comment(request_).replace(label, "the working tree")


def test_pr_between_equal_commits_renders_nothing_and_says_so(history: Path) -> None:
    found = run("pr", "--root", str(history), "--base", "head", "--head", "head")
    assert found.code == 0
    assert found.out.startswith("## Bedplate: nothing changes\n")


def test_pr_without_a_repository_is_a_usage_error(tmp_path: Path) -> None:
    found = run("pr", "--root", str(repository(tmp_path)))
    assert found.code == 2
    assert "needs a git repository" in found.err


def test_plan_compares_with_the_named_commit_and_says_which(history: Path) -> None:
    found = run("plan", "dev", "--root", str(history), "--base", "base", "--now", TODAY.isoformat())
    lines = found.out.splitlines()
    assert lines[0].startswith("dev: 1 to change; ")
    assert lines[1] == f"compared with {git(history, 'rev-parse', 'base')[:7]} (base)"
    assert "scalingConfig.desiredSize  1 → 2" in found.out


def test_plan_of_a_new_environment_says_that_it_is_new(history: Path) -> None:
    found = run("plan", "fresh", "--root", str(history), "--base", "base", "--now", TODAY.isoformat(), "--json").json
    assert found["base"]["notes"] == ["fresh is new since then"]
    assert found["summary"]["create"] > 50


def test_plan_of_a_tree_without_changes_renders_once_and_says_so(history: Path) -> None:
    argv = ["plan", "same", "--root", str(history), "--base", "head", "--now", TODAY.isoformat(), "--json"]
    found = run(*argv, "--detailed-exitcode")
    assert (found.code, found.json["differs"]) == (0, [])
    assert found.json["base"]["notes"] == ["nothing that a plan depends on has changed since"]


def test_plan_whose_base_cannot_be_rendered_fails_and_shows_the_reason(history: Path) -> None:
    dev = read(history, "environments/dev.yaml")
    write(history, "environments/poor.yaml", {**dev, "name": "poor"})
    try:
        found = run("plan", "poor", "--root", str(history), "--base", "head", "--now", TODAY.isoformat())
    finally:
        git(history, "checkout", "--quiet", "--", "environments/poor.yaml")
    assert found.code == 1
    assert "cannot be rendered; compare with another --base:" in found.err
    assert "unknown key 'surplus'" in found.err


def test_environments_of_a_fleet_stand_in_the_order_of_their_rings(tmp_path: Path) -> None:
    root = repository(tmp_path)
    dev = read(root, "environments/dev.yaml")
    commit(root, "base")
    git(root, "tag", "base")
    for name, ring in (("alpha", 2), ("beta", 1), ("gamma", 0)):
        write(root, f"environments/{name}.yaml", {**dev, "name": name, "fleet": {"name": "main", "ring": ring}})
    commit(root, "head")
    found = pull_request(root, base="base", head="HEAD", today=TODAY)
    assert [item.name for item in found.environments] == ["dev", "gamma", "beta", "alpha"]
