"""Steps of an upgrade in git: what their commits say, and how they are taken back to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.cli.errors import CommandError
from bedplate.cli.step_commits import StepCommit, commit_step, last_step, undo, was_taken
from bedplate.cli.upgrading import planned, write_step
from bedplate.upgrade.steps import Step
from tests.cli.running import commit, git
from tests.support.environments import TODAY
from tests.upgrade.repositories import FILE, edit_file, small


@pytest.fixture(autouse=True)
def _somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.setenv(name, "Ada")
    for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "ada@example.org")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = small(tmp_path)
    commit(made, "base")
    return made


def take(root: Path) -> tuple[Step, StepCommit]:
    plan = planned(root, "dev", None, TODAY)
    step = plan.steps[0]
    return step, commit_step(root, plan, step, write_step(root, step))


def test_a_commit_says_which_step_it_is_and_whether_reverting_takes_it_back(root: Path) -> None:
    assert last_step(root, "dev") is None
    _, control_plane = take(root)
    body = git(root, "log", "-1", "--format=%b")
    assert body == (
        "Upgrade-Step: dev/2026.11/control-plane-1.35\n"
        "Upgrade-Way-Back: the control plane goes back within 7 days only, after nodes and add-ons went back"
    )
    assert last_step(root, "dev") == control_plane
    assert control_plane.no_return.startswith("the control plane goes back within 7 days")
    step, pool = take(root)
    assert git(root, "log", "-1", "--format=%b").splitlines()[1] == "Upgrade-Way-Back: revert this commit and apply"
    assert (pool.step, pool.no_return) == (step.id, "")
    assert last_step(root, "dev") == pool


def test_a_step_that_is_taken_back_leaves_the_bytes_of_before(root: Path) -> None:
    take(root)
    before = (root / FILE).read_bytes()
    step, pool = take(root)
    assert was_taken(root, "dev", "2026.11", step.id)
    undone = undo(root, "dev", pool)
    assert (root / FILE).read_bytes() == before
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "log", "-1", "--format=%s") == f"Take back dev: {step.title}"
    assert last_step(root, "dev") == undone
    assert (undone.undone, undone.step_commit) == (True, pool.id)
    assert not was_taken(root, "dev", "2026.11", step.id)


def test_files_that_come_with_a_step_go_with_it(root: Path) -> None:
    plan = planned(root, "dev", None, TODAY)
    files = [*write_step(root, plan.steps[0]), "environments/new.lock.yaml"]
    (root / files[-1]).write_text("new\n", encoding="utf-8")
    git(root, "add", files[-1])
    undo(root, "dev", commit_step(root, plan, plan.steps[0], files))
    assert not (root / files[-1]).exists()


def test_a_step_is_not_taken_back_over_what_somebody_changed_since(root: Path) -> None:
    take(root)
    _, pool = take(root)
    edit_file(root, "Small models on trial", "Larger models on trial")
    with pytest.raises(CommandError, match=r"^commit or undo first what changed in environments/dev.yaml"):
        undo(root, "dev", pool)
    commit(root, "other words")
    assert last_step(root, "dev") is None
    with pytest.raises(CommandError, match=r"^environments/dev.yaml changed since pool-.* was taken$"):
        undo(root, "dev", pool)
