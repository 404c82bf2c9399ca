"""The base side of a comparison: the same review, made from another commit's own code and data."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bedplate.cli.errors import CommandError
from bedplate.graph.values import Json
from bedplate.output.plan import Base, Exit

# What a review depends on, of a repository. Folders that a repository does not have are left out.
RELEVANT = ("bedplate", "components", "policies", "stacks", "environments")
_APPLIED = "refs/bedplate/applied"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit to compare with, and how it was chosen."""

    id: str
    label: str


def choose(root: Path, name: str, ref: str | None) -> Commit | None:
    """The commit named by `ref`; else the one last applied; else the merge base with the main branch.

    None outside a git repository and before the first commit.
    """
    if ref is not None:
        commit = _rev(root, ref)
        if commit is None:
            raise CommandError(f"{ref!r} names no commit here; `git log` lists them", Exit.USAGE)
        return Commit(commit, f"{commit[:7]} ({ref})")
    applied = _rev(root, f"{_APPLIED}/{name}")
    if applied is not None:
        return Commit(applied, f"{applied[:7]} (last applied)")
    for branch in ("origin/main", "main"):
        base = _git(root, "merge-base", "HEAD", branch)
        if base:
            return Commit(base, f"{base[:7]} (merge base with {branch})")
    head = _rev(root, "HEAD")
    return Commit(head, f"{head[:7]} (HEAD)") if head else None


def mark_applied(root: Path, name: str) -> bool:
    """Remember HEAD as applied to `name`, where the working tree is exactly HEAD. Returns whether it was."""
    head = _rev(root, "HEAD")
    if head is None or not unchanged_since(root, head):
        return False
    _git(root, "update-ref", f"{_APPLIED}/{name}", head)
    return True


def unchanged_since(root: Path, commit: str) -> bool:
    """Whether everything that a review depends on is, in the working tree, as it was at `commit`."""
    paths = [folder for folder in RELEVANT if (root / folder).is_dir()]
    same = subprocess.run(["git", "-C", str(root), "diff", "--quiet", commit, "--", *paths], capture_output=True)
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "--", *paths)
    return same.returncode == 0 and untracked == ""


class BaseRender:
    """Renders a commit in a process of its own, while the head side is rendered in this one."""

    def __init__(self, root: Path, commit: Commit, name: str, today: date) -> None:
        self._commit = commit
        self._name = name
        self._folder = tempfile.TemporaryDirectory(prefix="bedplate-base-")
        self._out = Path(self._folder.name) / "review.json"
        self._notes = _notes(root, commit)
        checkout = Path(self._folder.name) / "checkout"
        export(root, commit.id, checkout)
        self._process = self._start(checkout, today) if (checkout / f"environments/{name}.yaml").is_file() else None

    def _start(self, checkout: Path, today: date) -> subprocess.Popen[bytes]:
        own_code = (checkout / "bedplate").is_dir()
        env = {**os.environ, "PYTHONPATH": str(checkout)} if own_code else dict(os.environ)
        argv = [sys.executable, "-m", "bedplate.cli.main", "plan", self._name, "--root", str(checkout)]
        argv += ["--no-base", "--now", today.isoformat(), "--out", str(self._out)]
        # Its own folder as working directory: else the head's packages, in the current one, would be imported first.
        return subprocess.Popen(
            argv, env=env, cwd=self._folder.name, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def finish(self) -> Base:
        """Wait for the render. A base that cannot be rendered is said, not taken as empty."""
        with self._folder:
            if self._process is None:
                return Base(self._commit.label, None, (*self._notes, f"{self._name} is new since then"))
            _, errors = self._process.communicate()
            if not self._out.is_file():
                text = errors.decode(errors="replace").strip()
                message = f"the base {self._commit.label} cannot be rendered; compare with another --base:\n{text}"
                raise CommandError(message)
            review: Json = json.loads(self._out.read_bytes())["review"]
            return Base(self._commit.label, review, self._notes)


def export(root: Path, commit: str, into: Path) -> None:
    """Write the files of `commit` that a review depends on below `into`."""
    top = _git(root, "rev-parse", "--show-toplevel") or str(root)
    prefix = root.resolve().relative_to(Path(top).resolve()).as_posix()
    tree = commit if prefix == "." else f"{commit}:{prefix}"
    names = _git(root, "ls-tree", "--name-only", tree).splitlines()
    wanted = [name for name in names if name in RELEVANT]
    into.mkdir()
    if not wanted:
        return
    archive = subprocess.run(["git", "-C", top, "archive", "--format=tar", tree, *wanted], capture_output=True)
    if archive.returncode != 0:
        raise CommandError(f"git cannot read commit {commit[:7]}: {archive.stderr.decode(errors='replace').strip()}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(into, filter="data")


def _notes(root: Path, commit: Commit) -> tuple[str, ...]:
    """Differences of the base that rendering cannot take along."""
    changed = _git(root, "diff", "--name-only", commit.id, "--", "requirements.txt")
    return ("dependencies differ: the base is rendered with those installed now",) if changed else ()


def _rev(root: Path, ref: str) -> str | None:
    return _git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}") or None


def _git(root: Path, *args: str) -> str:
    """Output of a git command; empty where it fails (no repository, no such ref)."""
    try:
        done = subprocess.run(["git", "-C", str(root), *args], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
