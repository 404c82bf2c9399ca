"""Runs the command line inside the test process, and makes repositories with a history."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bedplate.cli.main import main
from bedplate.graph.values import Json
from tests.support.environments import read, repository, write


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Json:
        """Standard output as JSON."""
        return json.loads(self.out)


def run(*arguments: str) -> Result:
    """Run `bedplate` with `arguments`."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return Result(int(code), out.getvalue(), err.getvalue())


def edited(folder: Path, change: Callable[[Json], Json]) -> Path:
    """A copy of the platform repository with `change` made to its environment `dev`."""
    root = repository(folder)
    write(root, "environments/dev.yaml", change(read(root, "environments/dev.yaml")))
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git in `root`, whatever this machine's configuration says."""
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", "-C", str(root), *who, *arguments], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(root: Path, message: str) -> str:
    """Commit everything below `root`, on branch main; the commit's id."""
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", f"--message={message}")
    return git(root, "rev-parse", "HEAD")
