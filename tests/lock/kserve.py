"""A platform repository in which KServe's own charts are vendored by real helm."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.lock.charts import path_with_helm
from tests.support.environments import repository
from tests.toolchain import toolchain

FOLDERS = {"kserve-crd": "kserve-crd", "kserve": "kserve-resources"}
"""Folder of the chart behind each add-on, in KServe's repository."""


def source(name: str) -> Path:
    """KServe's own folder of the chart behind add-on `name`."""
    return toolchain.module_dir("kserve") / "charts" / FOLDERS[name]


def lock(
    root: Path, charts: Mapping[str, Path], *, check: int = 0, seed: str = "1"
) -> subprocess.CompletedProcess[str]:
    """Run `bedplate lock dev` with `charts` and helm on PATH. `check` is the exit code that is expected."""
    given = [part for name, path in charts.items() for part in ("--chart", f"{name}={path}")]
    argv = [sys.executable, "-m", "bedplate.cli.main", "lock", "dev", "--root", str(root), *given]
    env = {**os.environ, "PATH": path_with_helm(), "PYTHONHASHSEED": seed}
    done = subprocess.run(argv, env=env, capture_output=True, text=True)
    assert done.returncode == check, done.stdout + done.stderr
    return done


def kserve_repository(folder: Path) -> Path:
    """That repository, below `folder`."""
    root = repository(folder)
    lock(root, {name: source(name) for name in FOLDERS})
    return root
