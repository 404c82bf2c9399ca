"""Code of a repository is read from its sources, below its root, and never mixed with that of another one."""

from __future__ import annotations

import py_compile
import sys
from pathlib import Path

import pytest

from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.extensions.code import load_module
from bedplate.model.source import InputError
from tests.extensions.own import change, put, with_on_call


def test_nothing_is_written_beside_the_sources(tmp_path: Path) -> None:
    root = with_on_call(tmp_path)
    before = sorted(root.rglob("*"))
    recorded(load(root, "dev"))
    assert sorted(root.rglob("*")) == before


def test_a_compiled_file_that_says_something_else_is_not_run(tmp_path: Path) -> None:
    file = put(tmp_path, "extensions/components/a/spec.py", "WHAT = 'reviewed'\n")
    other = put(tmp_path, "other.py", "WHAT = 'hidden'\n")
    cached = file.parent / "__pycache__" / f"spec.{sys.implementation.cache_tag}.pyc"
    # Such a file is taken without a look at its source, wherever Python reads compiled files.
    py_compile.compile(str(other), str(cached), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    assert load_module(tmp_path, "extensions/components/a/spec.py").WHAT == "reviewed"


def test_messages_do_not_hold_where_the_repository_lies(tmp_path: Path) -> None:
    put(tmp_path, "extensions/components/a/spec.py", "raise RuntimeError('no')\n")
    with pytest.raises(InputError) as error:
        load_module(tmp_path, "extensions/components/a/spec.py")
    assert str(error.value) == "extensions/components/a/spec.py:1:1: cannot be imported: RuntimeError: no"


def test_two_repositories_do_not_see_each_others_code(tmp_path: Path) -> None:
    first, second = with_on_call(tmp_path / "first"), with_on_call(tmp_path / "second")
    change(second, "extensions/components/on_call/component.py", 'data={"phone"', 'data={"number"')
    for _ in range(2):
        keys = [
            next(iter(item.inputs["data"]))
            for root in (first, second)
            for item in recorded(load(root, "dev"))
            if item.name == "on-call-research"
        ]
        assert keys == ["phone", "number"]


def test_code_may_import_its_neighbours_by_either_name(tmp_path: Path) -> None:
    put(tmp_path, "extensions/components/a/names.py", "NAME = 'a'\n")
    text = "from extensions.components.a.names import NAME\nfrom .names import NAME as SAME\n"
    put(tmp_path, "extensions/components/a/spec.py", text)
    module = load_module(tmp_path, "extensions/components/a/spec.py")
    assert (module.NAME, module.SAME) == ("a", "a")


@pytest.mark.parametrize("linked", ["spec.py", ""])
def test_code_that_leaves_the_repository_by_a_link_is_refused(tmp_path: Path, linked: str) -> None:
    root = with_on_call(tmp_path / "root")
    place = root / "extensions/components/on_call" / linked
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(
        InputError, match=r"extensions/components/on_call/spec\.py is or passes through a symbolic link"
    ):
        load(root, "dev")


def test_a_package_of_the_same_name_on_the_path_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "path", "extensions/components/a/spec.py", "WHAT = 'foreign'\n")
    put(tmp_path / "root", "extensions/components/a/spec.py", "WHAT = 'own'\n")
    monkeypatch.syspath_prepend(tmp_path / "path")
    assert load_module(tmp_path / "root", "extensions/components/a/spec.py").WHAT == "own"
