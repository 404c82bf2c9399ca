"""Which commit a plan is compared with, and what is taken from it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bedplate.cli.base import (
    Checkout,
    choose,
    commit_of,
    committed_state,
    export,
    last_applied,
    mark_applied,
    merge_base,
    other_dependencies,
    unchanged_between,
    unchanged_since,
)
from bedplate.cli.errors import CommandError
from bedplate.output.exits import Exit
from tests.cli.running import commit, git


def history(root: Path) -> tuple[str, str]:
    """A main branch of one commit, and a second commit on a branch; both touch environments."""
    (root / "environments").mkdir()
    (root / "environments/dev.yaml").write_text("one", encoding="utf-8")
    (root / "notes.md").write_text("not relevant", encoding="utf-8")
    first = commit(root, "one")
    git(root, "checkout", "--quiet", "-b", "topic")
    (root / "environments/dev.yaml").write_text("two", encoding="utf-8")
    return first, commit(root, "two")


def test_outside_a_repository_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    assert choose(tmp_path, "dev", None) is None


def test_before_the_first_commit_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert choose(tmp_path, "dev", None) is None


def test_a_branch_is_compared_with_where_it_left_main(tmp_path: Path) -> None:
    first, _ = history(tmp_path)
    found = choose(tmp_path, "dev", None)
    assert found is not None
    assert (found.id, found.label) == (first, f"{first[:7]} (merge base with main)")


def test_without_a_main_branch_the_head_itself_is_the_base(tmp_path: Path) -> None:
    _, second = history(tmp_path)
    git(tmp_path, "branch", "--quiet", "-D", "main")
    found = merge_base(tmp_path, "HEAD")
    assert found is not None
    assert (found.id, found.label) == (second, f"{second[:7]} (HEAD)")


def test_a_named_commit_wins_over_the_last_applied_and_that_over_the_merge_base(tmp_path: Path) -> None:
    first, second = history(tmp_path)
    mark_applied(tmp_path, "dev", committed_state(tmp_path))
    applied = choose(tmp_path, "dev", None)
    assert applied is not None
    assert (applied.id, applied.label) == (second, f"{second[:7]} (last applied)")
    named = choose(tmp_path, "dev", "main")
    assert named is not None
    assert (named.id, named.label) == (first, f"{first[:7]} (main)")
    other = choose(tmp_path, "prod", None)
    assert other is not None
    assert other.id == first


def test_a_tree_with_changes_is_at_no_commit(tmp_path: Path) -> None:
    _, second = history(tmp_path)
    assert committed_state(tmp_path) == second
    (tmp_path / "environments/dev.yaml").write_text("three", encoding="utf-8")
    assert committed_state(tmp_path) is None


def test_the_engines_own_settings_do_not_count_as_a_change(tmp_path: Path) -> None:
    _, second = history(tmp_path)
    (tmp_path / "environments/pulumi").mkdir()
    (tmp_path / "environments/pulumi/Pulumi.dev.yaml").write_text("encryptionsalt: x", encoding="utf-8")
    assert committed_state(tmp_path) == second


def test_an_environment_that_git_ignores_counts_as_a_change(tmp_path: Path) -> None:
    history(tmp_path)
    (tmp_path / ".git/info/exclude").write_text("local.yaml\n", encoding="utf-8")
    (tmp_path / "environments/local.yaml").write_text("x", encoding="utf-8")
    assert committed_state(tmp_path) is None


def test_what_was_applied_is_forgotten_with_the_environment(tmp_path: Path) -> None:
    history(tmp_path)
    mark_applied(tmp_path, "dev", committed_state(tmp_path))
    mark_applied(tmp_path, "dev", None)
    assert last_applied(tmp_path, "dev") is None


@pytest.mark.parametrize("ref", ["nope", "--help", "", "main..topic"])
def test_a_name_of_no_commit_is_a_usage_error(tmp_path: Path, ref: str) -> None:
    history(tmp_path)
    with pytest.raises(CommandError, match="names no commit here") as caught:
        commit_of(tmp_path, ref)
    assert caught.value.exit is Exit.USAGE


def test_only_what_a_review_depends_on_counts_as_a_change(tmp_path: Path) -> None:
    first, second = history(tmp_path)
    (tmp_path / "notes.md").write_text("other", encoding="utf-8")
    assert unchanged_since(tmp_path, second)
    assert not unchanged_since(tmp_path, first)
    assert unchanged_between(tmp_path, second, commit(tmp_path, "notes"))
    assert not unchanged_between(tmp_path, first, second)


@pytest.mark.parametrize("file", ["environments/new.yaml", "extensions/catalog/prices.yaml"])
@pytest.mark.parametrize("ignored", [False, True])
def test_a_file_that_git_does_not_track_counts_as_a_change(tmp_path: Path, file: str, ignored: bool) -> None:
    _, second = history(tmp_path)
    if ignored:
        (tmp_path / ".gitignore").write_text(f"{file}\n", encoding="utf-8")
    assert unchanged_since(tmp_path, second)
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("untracked", encoding="utf-8")
    assert not unchanged_since(tmp_path, second)


def test_rows_over_the_catalogue_belong_to_the_commit(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    _, second = history(root)
    (root / "extensions/catalog").mkdir(parents=True)
    (root / "extensions/catalog/prices.yaml").write_text("rows", encoding="utf-8")
    third = commit(root, "rows")
    assert not unchanged_between(root, second, third)
    export(root, third, tmp_path / "out")
    assert (tmp_path / "out/extensions/catalog/prices.yaml").read_text(encoding="utf-8") == "rows"


def test_an_export_holds_the_files_of_the_commit_that_a_review_depends_on(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    first, _ = history(root)
    export(root, first, tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["environments"]
    assert (tmp_path / "out/environments/dev.yaml").read_text(encoding="utf-8") == "one"


def test_a_platform_repository_may_stand_in_a_folder_of_a_larger_one(tmp_path: Path) -> None:
    root = tmp_path / "platform"
    (root / "environments").mkdir(parents=True)
    (root / "environments/dev.yaml").write_text("one", encoding="utf-8")
    first = commit(tmp_path, "one")
    with Checkout(root, first) as checkout:
        folder = checkout.root
        assert (folder / "environments/dev.yaml").read_text(encoding="utf-8") == "one"
    assert not folder.exists()


def test_a_link_that_leaves_the_commit_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "environments").mkdir(parents=True)
    (root / "environments/dev.yaml").symlink_to("/etc/hostname")
    first = commit(root, "link")
    with pytest.raises(CommandError, match="holds what is not written to disk"):
        export(root, first, tmp_path / "out")


def test_another_dependency_lock_is_named(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a==1", encoding="utf-8")
    first = commit(tmp_path, "one")
    assert other_dependencies(tmp_path, first, None) == ()
    (tmp_path / "requirements.txt").write_text("a==2", encoding="utf-8")
    second = commit(tmp_path, "two")
    note = "dependencies differ: both sides are rendered with those installed now"
    assert other_dependencies(tmp_path, first, None) == (note,)
    assert other_dependencies(tmp_path, first, second) == (note,)


def test_a_commit_that_is_named_by_its_own_id_is_labelled_by_that_alone(tmp_path: Path) -> None:
    first, _ = history(tmp_path)
    assert {commit_of(tmp_path, ref).label for ref in (first, first[:10])} == {first[:7]}
