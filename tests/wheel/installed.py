"""The wheel, built from this checkout's files and installed into a virtual environment that knows nothing of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.support.environments import ROOT

PACKAGES = ("bedplate", "components", "policies", "stacks")
COMPANY = ROOT / "tests" / "fixtures" / "company"
# Any fixed moment: files of a wheel carry it instead of the time at which they were written.
EPOCH = "1700000000"


@dataclass(frozen=True)
class Installed:
    """A virtual environment that holds the wheel, and the locked dependencies of the running one."""

    folder: Path
    wheel: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @cached_property
    def env(self) -> Mapping[str, str]:
        """The environment of its processes: nothing in it leads to this checkout."""
        path = os.pathsep.join([str(self.folder / "bin"), os.environ.get("PATH", os.defpath)])
        own = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
        return {**own, "PATH": path}

    def run(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run `bedplate` as its users do."""
        program = [str(self.folder / "bin" / "bedplate"), *arguments]
        return subprocess.run(program, cwd=cwd, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def build(folder: Path) -> Path:
    """Build the wheel below `folder`, from a copy of the checkout's files: what an earlier build left is not in it."""
    source = folder / "source"
    source.mkdir(parents=True)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--no-cache-dir"]
    argv = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder), str(source)]
    subprocess.run(argv, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH}, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(folder: Path) -> Installed:
    """Build the wheel and install it below `folder`. No package index is asked."""
    made = Installed(folder / "venv", build(folder / "build"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made.folder)], check=True)
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile"]
    argv = [sys.executable, "-m", "pip", "--python", str(made.python), "install", *options, str(made.wheel)]
    subprocess.run(argv, check=True)
    # A path file adds the folder and reads no path files in it: an editable installation there stays without effect.
    (site,) = made.folder.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return made


def company(folder: Path, installed: Installed) -> Path:
    """A copy of the company's repository below `folder`, whose virtual environment is `installed`."""
    root = folder / "company"
    shutil.copytree(COMPANY, root)
    (root / ".venv").symlink_to(installed.folder)
    return root
