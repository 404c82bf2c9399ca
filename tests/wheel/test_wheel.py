"""What is built is whole, the same each time, and says what it needs."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

from tests.support.environments import ROOT
from tests.wheel.installed import PACKAGES, Installed, build


def test_the_wheel_holds_every_file_of_its_packages_and_no_other(installed: Installed) -> None:
    files = [file for name in PACKAGES for file in (ROOT / name).rglob("*") if file.is_file()]
    wanted = {file.relative_to(ROOT).as_posix() for file in files if "__pycache__" not in file.parts}
    with zipfile.ZipFile(installed.wheel) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == wanted


def test_the_same_files_give_the_same_bytes(installed: Installed, tmp_path: Path) -> None:
    again = build(tmp_path)
    assert again.name == installed.wheel.name
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(installed.wheel.read_bytes()).digest()


def test_what_the_environment_runs_is_the_wheel(installed: Installed, tmp_path: Path) -> None:
    program = f"import {', '.join(PACKAGES)}; print(*(m.__path__[0] for m in ({', '.join(PACKAGES)})), sep='\\n')"
    done = subprocess.run(
        [installed.python, "-c", program], cwd=tmp_path, env=installed.env, capture_output=True, text=True, check=True
    )
    assert {Path(line).parents[3] for line in done.stdout.splitlines()} == {installed.folder}


def test_everything_that_is_imported_is_a_dependency_that_the_wheel_names(installed: Installed) -> None:
    (site,) = installed.folder.glob("lib/python*/site-packages")
    (bedplate,) = distributions(name="bedplate", path=[str(site)])
    needs = [text for text in bedplate.requires or () if "extra ==" not in text]
    known = {re.split(r"[<>=!\[; ]", text)[0].lower() for text in needs}
    owners = packages_distributions()
    own = {*PACKAGES, *sys.stdlib_module_names}
    foreign = {name.partition(".")[0] for name in _imported() if name.partition(".")[0] not in own}
    # The namespace google is protobuf's here.
    used = {"protobuf" if name == "google" else owners[name][0].lower() for name in foreign}
    assert {name.replace("_", "-") for name in used} <= known


def test_what_the_wheel_needs_is_what_the_environment_has(installed: Installed) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(installed.python), "check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def _imported() -> Iterator[str]:
    """Every module that the packages name in an import statement."""
    for name in PACKAGES:
        for file in (ROOT / name).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_bytes())):
                if isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module
