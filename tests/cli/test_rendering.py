from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from bedplate.cli.rendering import RenderError, Rendering
from tests.extensions.own import with_on_call
from tests.support.environments import dev_review, repository

TODAY = date(2026, 11, 21)


def with_code(folder: Path, code: str) -> Path:
    """A repository whose own bedplate is `code`."""
    folder.mkdir(exist_ok=True)
    package = repository(folder) / "bedplate"
    (package / "cli").mkdir(parents=True)
    for path in (package / "__init__.py", package / "cli" / "__init__.py"):
        path.write_text("", encoding="utf-8")
    (package / "cli" / "render.py").write_text(code, encoding="utf-8")
    return folder


def test_another_process_renders_the_same_review(tmp_path: Path) -> None:
    sides = Rendering(repository(tmp_path), (), TODAY, own_code=True).finish()
    assert sides["dev"].problem == ""
    assert sides["dev"].review == dev_review().to_json()


def test_the_code_of_the_folder_is_used_where_it_has_any_and_is_asked_for(tmp_path: Path) -> None:
    root = with_code(tmp_path, "import sys; open(sys.argv[2] + '/dev.json', 'w').write('{\"problem\": \"mine\"}')")
    assert Rendering(root, ["dev"], TODAY, own_code=True).finish()["dev"].problem == "mine"
    assert Rendering(root, ["dev"], TODAY, own_code=False).finish()["dev"].problem == ""


def test_code_that_does_not_run_is_a_problem_of_every_name(tmp_path: Path) -> None:
    root = with_code(tmp_path, "raise SystemExit('its code does not run')")
    assert Rendering(root, ["dev"], TODAY, own_code=True).finish()["dev"].problem == "its code does not run"
    with pytest.raises(RenderError, match="its code does not run"):
        Rendering(root, (), TODAY, own_code=True).finish()


def test_an_environment_that_does_not_exist_says_so(tmp_path: Path) -> None:
    sides = Rendering(repository(tmp_path), ["nope"], TODAY, own_code=False).finish()
    assert "there is no environment 'nope'" in sides["nope"].problem


def test_stopping_ends_the_process_and_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    pipe = tmp_path / "never-written"
    os.mkfifo(pipe)
    root = with_code(tmp_path / "root", f"open({str(pipe)!r}).read()")
    rendering = Rendering(root, (), TODAY, own_code=True)
    assert len(os.listdir(tmp_path / "scratch")) == 1
    rendering.stop()
    rendering.stop()
    assert os.listdir(tmp_path / "scratch") == []


def test_a_folder_that_happens_to_be_called_like_the_tool_is_no_code_of_it(tmp_path: Path) -> None:
    root = repository(tmp_path)
    (root / "bedplate").mkdir()
    (root / "bedplate/notes.md").write_text("what we decided", encoding="utf-8")
    assert Rendering(root, ["dev"], TODAY, own_code=True).finish()["dev"].review == dev_review().to_json()


def test_a_repositorys_own_code_is_that_of_the_folder_that_is_rendered(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    review = Rendering(root, ["dev"], TODAY, own_code=True).finish()["dev"].review
    assert review is not None
    assert "on-call-research" in {item["name"] for item in review["graph"]["resources"]}
