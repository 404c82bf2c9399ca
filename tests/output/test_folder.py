from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bedplate.output.folder import MARKER, FolderError, differences, replace_folder

OWNER = "manifests of trial"


def content(folder: Path) -> dict[str, str]:
    """Every file of `folder` but the marker."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != MARKER)
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def test_a_folder_that_does_not_exist_is_made_with_its_parents(tmp_path: Path) -> None:
    replace_folder(tmp_path / "a" / "b", OWNER, {"x.yaml": "1", "00/y.yaml": "2"})
    assert content(tmp_path / "a" / "b") == {"x.yaml": "1", "00/y.yaml": "2"}
    assert oct((tmp_path / "a" / "b").stat().st_mode & 0o777) == "0o755"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    replace_folder(tmp_path / "out", OWNER, {"x": "1"})
    assert content(tmp_path / "out") == {"x": "1"}


def test_what_was_written_before_is_replaced_as_a_whole_and_leaves_nothing_behind(tmp_path: Path) -> None:
    replace_folder(tmp_path / "out", OWNER, {"old": "1", "both": "1"})
    replace_folder(tmp_path / "out", OWNER, {"new": "2", "both": "2"})
    assert content(tmp_path / "out") == {"new": "2", "both": "2"}
    assert os.listdir(tmp_path) == ["out"]


def test_a_folder_of_somebody_else_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("kept", encoding="utf-8")
    with pytest.raises(FolderError, match="out is not empty and was not written by bedplate"):
        replace_folder(tmp_path / "out", OWNER, {"x": "1"})
    assert content(tmp_path / "out") == {"mine": "kept"}


def test_a_folder_of_another_environment_is_refused(tmp_path: Path) -> None:
    replace_folder(tmp_path / "out", "manifests of prod", {"x": "1"})
    with pytest.raises(FolderError, match="out holds 'manifests of prod', not 'manifests of trial'"):
        replace_folder(tmp_path / "out", OWNER, {"x": "2"})
    assert content(tmp_path / "out") == {"x": "1"}


def test_files_that_were_added_by_hand_are_named_and_not_lost(tmp_path: Path) -> None:
    replace_folder(tmp_path / "out", OWNER, {"x": "1"})
    (tmp_path / "out" / "notes.md").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderError, match=r"would lose \(notes\.md\): move them"):
        replace_folder(tmp_path / "out", OWNER, {"x": "2"})
    assert content(tmp_path / "out") == {"x": "1", "notes.md": "mine"}


@pytest.mark.parametrize("marker", ["", "[]", '{"schema": "other"}', "\xff"])
def test_a_marker_that_is_not_ours_does_not_open_the_folder(tmp_path: Path, marker: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / MARKER).write_bytes(marker.encode("latin-1"))
    with pytest.raises(FolderError, match="was not written by bedplate"):
        replace_folder(tmp_path / "out", OWNER, {"x": "1"})


def test_a_file_or_a_link_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for name in ("link", "file"):
        with pytest.raises(FolderError, match=f"{name} is not a folder"):
            replace_folder(tmp_path / name, OWNER, {"x": "1"})


def test_an_error_while_writing_leaves_the_old_folder_whole_and_no_rest(tmp_path: Path) -> None:
    replace_folder(tmp_path / "out", OWNER, {"x": "1"})
    with pytest.raises(OSError, match="a"):
        replace_folder(tmp_path / "out", OWNER, {"a": "2", "a/b": "2"})  # a cannot be file and folder at once
    assert content(tmp_path / "out") == {"x": "1"}
    assert os.listdir(tmp_path) == ["out"]


def test_a_run_that_was_stopped_between_the_two_renames_is_mended_by_the_next(tmp_path: Path) -> None:
    replace_folder(tmp_path / "out", OWNER, {"x": "1"})
    (tmp_path / "out").rename(tmp_path / ".out.bedplate-old")
    (tmp_path / "other").mkdir()
    with pytest.raises(FolderError, match="not 'other'"):
        replace_folder(tmp_path / "out", "other", {"x": "2"})
    assert content(tmp_path / "out") == {"x": "1"}
    replace_folder(tmp_path / "out", OWNER, {"x": "2"})
    assert content(tmp_path / "out") == {"x": "2"}


def test_the_marker_says_whose_folder_it_is_and_lists_the_files(tmp_path: Path) -> None:
    replace_folder(tmp_path / "out", OWNER, {"b": "1", "a": "1"})
    marker = json.loads((tmp_path / "out" / MARKER).read_text(encoding="utf-8"))
    assert marker == {"schema": "bedplate.folder/v1", "owner": OWNER, "files": ["a", "b"]}


def test_differences_are_what_writing_the_folder_would_change(tmp_path: Path) -> None:
    target, files = tmp_path / "out", {"a.yaml": "1", "b.yaml": "2"}
    assert differences(target, OWNER, files) == (MARKER, "a.yaml", "b.yaml")
    replace_folder(target, OWNER, files)
    assert differences(target, OWNER, files) == ()
    (target / "a.yaml").write_text("edited", encoding="utf-8")
    assert differences(target, OWNER, files) == ("a.yaml",)
    assert differences(target, OWNER, {"b.yaml": "2"}) == (MARKER, "a.yaml")


def test_differences_of_a_folder_of_somebody_else_are_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept", encoding="utf-8")
    with pytest.raises(FolderError, match="was not written by bedplate"):
        differences(tmp_path, OWNER, {})
