"""`bedplate upgrade`: shown, taken step by step, and refused where a step is not one commit."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bedplate.output.schemas import schema
from tests.cli.running import commit, git, run
from tests.upgrade.repositories import FILE, big, edit_file, small

NOW = ("--now", "2026-11-21")


@pytest.fixture(autouse=True)
def _somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.setenv(name, "Ada")
    for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "ada@example.org")


def committed(root: Path) -> Path:
    commit(root, "base")
    return root


def test_the_document_follows_its_published_schema(tmp_path: Path) -> None:
    found = run("upgrade", "dev", "--root", str(big(tmp_path)), "--json", *NOW)
    assert found.code == 0
    Draft202012Validator(schema("upgrade")).validate(found.json)
    assert [step["kind"] for step in found.json["steps"]].count("manual") == 3


def test_every_step_is_one_commit_and_the_last_one_leaves_the_baseline(tmp_path: Path) -> None:
    root = small(tmp_path)
    edit_file(root, "description: Small", "gpuBaseline: {health: {minimumGpus: 0}}\ndescription: Small")
    committed(root)
    before = (root / FILE).read_text(encoding="utf-8")
    arguments = ("upgrade", "dev", "--root", str(root), "--json", *NOW)
    steps = run(*arguments).json["steps"]
    for left in range(len(steps) - 1, -1, -1):
        found = run(*arguments, "--next", "--commit")
        assert (found.code, len(found.json["steps"])) == (0, left), found.err
    assert git(root, "status", "--porcelain") == ""
    assert (root / FILE).read_text(encoding="utf-8") == before.replace("2026.08", "2026.11")
    subjects = git(root, "log", "--format=%s", "--reverse").splitlines()
    assert subjects == ["base", *(f"Upgrade dev: {step['title']}" for step in steps)]
    git(root, "revert", "--no-edit", "HEAD~1..HEAD")
    assert len(run(*arguments).json["steps"]) == 1


def test_a_step_that_was_written_is_to_be_applied_before_the_next_one(tmp_path: Path) -> None:
    root = committed(small(tmp_path))
    arguments = ("upgrade", "dev", "--root", str(root), *NOW, "--next")
    found = run(*arguments)
    assert found.out.endswith("next: git commit, bedplate apply dev, then bedplate upgrade dev --check-gates\n")
    git(root, "checkout", ".")
    for _ in range(3):
        found = run(*arguments, "--commit")
        assert found.out.endswith("next: bedplate apply dev, then bedplate upgrade dev --check-gates\n")
    found = run(*arguments, "--commit", "--done-by-hand")
    after = "bedplate lock dev, git commit, bedplate apply dev, then bedplate upgrade dev --check-gates"
    assert found.out.endswith(f"next: {after}\n")


def test_a_file_with_other_changes_is_left_alone(tmp_path: Path) -> None:
    root = committed(small(tmp_path))
    edit_file(root, "Small models on trial", "Larger models on trial")
    found = run("upgrade", "dev", "--root", str(root), "--next", *NOW)
    assert found.code == 2
    assert "commit or undo first what changed in environments/dev.yaml" in found.err


def test_a_step_for_people_waits_until_they_say_that_it_is_done(tmp_path: Path) -> None:
    root = committed(big(tmp_path))
    arguments = ("upgrade", "dev", "--root", str(root), *NOW)
    for _ in range(7):
        assert run(*arguments, "--next", "--commit").code == 0
    refused = run(*arguments, "--next", "--commit")
    assert refused.code == 1
    assert "empty-training asks people to do something first: let the jobs on training end" in refused.err
    assert run(*arguments, "--next", "--commit", "--done-by-hand").code == 0
    assert git(root, "log", "-1", "--format=%s").startswith("Upgrade dev: training: no nodes")


def test_a_blocked_step_is_not_taken(tmp_path: Path) -> None:
    root = small(tmp_path)
    edit_file(root, "    capacity: spot\n", "    capacity: spot\n    ami: {release: 1.34.9-20260601}\n")
    committed(root)
    arguments = ("upgrade", "dev", "--root", str(root), *NOW)
    assert run(*arguments, "--next", "--commit").code == 0
    reason = "nobody has stated what it takes to go from 1.34.9-20260601 to 1.35.6-20260714"
    assert f"next: bedplate upgrade dev --to 2026.11, when pool-l4 is free: {reason}" in run(*arguments).out
    refused = run(*arguments, "--next")
    assert refused.code == 1
    assert "pool-l4 is blocked: nobody has stated what it takes to go from 1.34.9-20260601" in refused.err


def test_a_step_after_which_the_files_would_not_load_is_blocked(tmp_path: Path) -> None:
    root = small(tmp_path)
    override = (
        "baselineOverrides:\n  - {part: amiRelease, value: 1.34.9-20260601, reason: the newer one does not boot}\n"
    )
    edit_file(root, "description: Small", f"{override}description: Small")
    steps = {step["id"]: step for step in run("upgrade", "dev", "--root", str(root), "--json", *NOW).json["steps"]}
    problem = steps["control-plane-1.35"]["blocked"][0]
    assert problem.startswith("the files would not load: environments/dev.yaml:")
    assert "nodePools[0].ami.release: is required" in problem
    assert "\n" not in problem


def test_options_that_need_a_step_say_so() -> None:
    found = run("upgrade", "dev", "--commit")
    assert found.code == 2
    assert "--commit goes with --next; --run commits every step" in found.err
