"""The base side of a comparison: the same review, made from another commit's own code and data."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from bedplate.cli.errors import CommandError
from bedplate.cli.rendering import Rendering
from bedplate.environment.stacks import LAYERS, parse_stack
from bedplate.environment.targets import all_targets
from bedplate.output.exits import Exit
from bedplate.output.sides import Base

# What a review depends on, of a repository. Folders that a repository does not have are left out.
RELEVANT = ("bedplate", "components", "policies", "stacks", "environments", "extensions")
_APPLIED = "refs/bedplate/applied"
# What programs leave behind and no plan reads: the engine's settings of a stack, Python's compiled modules.
_LEFT_BEHIND = (":(exclude)environments/pulumi", ":(exclude,glob)**/__pycache__/**")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit to compare with, and how it was chosen."""

    id: str
    label: str


def choose(root: Path, name: str, ref: str | None) -> Commit | None:
    """The commit named by `ref`; else the one last applied; else the merge base with the main branch.

    Layers that were last applied at different commits have no base in common: then it is the merge base as well, and
    its label says so. None outside a git repository and before the first commit.
    """
    if ref is not None:
        return commit_of(root, ref)
    applied = _applied(root, name)
    commits = set(applied.values())
    base = merge_base(root, "HEAD")
    if len(commits) == 1:
        (commit,) = commits
        layers = [layer for layer in LAYERS if f"{name}.{layer}" in applied]
        return Commit(commit, f"{commit[:7]} (last applied{': ' if layers else ''}{', '.join(layers)})")
    if commits and base is not None:
        stand = ", ".join(f"{stack} at {commit[:7]}" for stack, commit in sorted(applied.items()))
        return Commit(base.id, f"{base.label}; last applied are {stand}")
    return base


def commit_of(root: Path, ref: str) -> Commit:
    """The commit that `ref` names. Raises CommandError where there is none."""
    commit = _rev(root, ref)
    if commit is None:
        raise CommandError(f"{ref!r} names no commit here; `git log` lists them", Exit.USAGE)
    return Commit(commit, commit[:7] if commit.startswith(ref) else f"{commit[:7]} ({ref})")


def merge_base(root: Path, head: str) -> Commit | None:
    """Where `head` left the main branch; `head` itself where there is no such branch, None where it is no commit."""
    for branch in ("origin/main", "main"):
        base = _git(root, "merge-base", head, branch)
        if base:
            return Commit(base, f"{base[:7]} (merge base with {branch})")
    commit = _rev(root, head)
    return Commit(commit, f"{commit[:7]} ({head})") if commit else None


def last_applied(root: Path, stack: str) -> str | None:
    """The commit that was last applied to `stack` from this repository; None where that is not known."""
    return _rev(root, f"{_APPLIED}/{stack}")


def _applied(root: Path, target: str) -> dict[str, str]:
    """The commit last applied to each stack of `target` of which that is known."""
    listed = _git(root, "for-each-ref", "--format=%(refname) %(objectname)", _APPLIED)
    refs = dict(line.removeprefix(f"{_APPLIED}/").split(" ") for line in listed.splitlines())
    return {stack: commit for stack, commit in refs.items() if target in (stack, parse_stack(stack)[0])}


def committed_state(root: Path) -> str | None:
    """The commit that the working tree is exactly at, as far as reviews depend on it; None where it is at none."""
    head = _rev(root, "HEAD")
    return head if head is not None and unchanged_since(root, head) else None


def mark_applied(root: Path, stack: str, commit: str | None) -> None:
    """Remember `commit` as applied to `stack`; forget what was remembered where it is None."""
    if commit is None:
        _git(root, "update-ref", "-d", f"{_APPLIED}/{stack}")
    else:
        _git(root, "update-ref", f"{_APPLIED}/{stack}", commit)


def unchanged_since(root: Path, commit: str) -> bool:
    """Whether everything that a review depends on is, in the working tree, as it was at `commit`."""
    paths = [*RELEVANT, *_LEFT_BEHIND]
    same = subprocess.run(["git", "-C", str(root), "diff", "--quiet", commit, "--", *paths], capture_output=True)
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "--", *paths)
    # Files of environments and of the catalogue are read whether or not git ignores them.
    ignored = _git(root, "ls-files", "--others", "--", "environments", "extensions", *_LEFT_BEHIND)
    return same.returncode == 0 and untracked == "" and ignored == ""


def unchanged_between(root: Path, base: str, head: str) -> bool:
    """Whether everything that a review depends on is the same in two commits."""
    done = subprocess.run(["git", "-C", str(root), "diff", "--quiet", base, head, "--", *RELEVANT], capture_output=True)
    return done.returncode == 0


def other_dependencies(root: Path, base: str, head: str | None) -> tuple[str, ...]:
    """A note where the dependency lock differs between `base` and `head` (None: the working tree)."""
    commits = [base] if head is None else [base, head]
    changed = _git(root, "diff", "--name-only", *commits, "--", "requirements.txt")
    return ("dependencies differ: both sides are rendered with those installed now",) if changed else ()


class Checkout:
    """The files of a commit that a review depends on, in a temporary folder for as long as the context lasts."""

    def __init__(self, root: Path, commit: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bedplate-")
        self.root = Path(self._folder.name) / "checkout"
        try:
            export(root, commit, self.root)
        except BaseException:
            self._folder.cleanup()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()


class BaseRender:
    """Renders one environment of a commit in a process of its own, while the head side is rendered in this one."""

    def __init__(self, root: Path, commit: Commit, name: str, today: date) -> None:
        self._commit = commit
        self._name = name
        self._notes = other_dependencies(root, commit.id, None)
        self._checkout = Checkout(root, commit.id)
        exists = name in all_targets(self._checkout.root)
        self._rendering = Rendering(self._checkout.root, [name], today, own_code=True) if exists else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._rendering is not None:
            self._rendering.stop()
        self._checkout.__exit__(kind, error, trace)

    def finish(self) -> Base:
        """Wait for the render. A base that cannot be rendered is said, not taken as empty."""
        if self._rendering is None:
            notes = (*self._notes, f"{self._name} is new since then")
            return Base(self._commit.label, None, notes, self._commit.id)
        side = self._rendering.finish()[self._name]
        if side.problem:
            message = f"the base {self._commit.label} cannot be rendered; compare with another --base:\n{side.problem}"
            raise CommandError(message)
        return Base(self._commit.label, side.review, self._notes, self._commit.id)


def export(root: Path, commit: str, into: Path) -> None:
    """Write the files of `commit` that a review depends on below `into`."""
    top = _git(root, "rev-parse", "--show-toplevel") or str(root)
    prefix = root.resolve().relative_to(Path(top).resolve()).as_posix()
    tree = commit if prefix == "." else f"{commit}:{prefix}"
    # From the top: in a folder below, git would list only what lies there in the tree as well.
    wanted = [name for name in _git(Path(top), "ls-tree", "--name-only", tree).splitlines() if name in RELEVANT]
    into.mkdir()
    if not wanted:
        return
    archive = subprocess.run(["git", "-C", top, "archive", "--format=tar", tree, *wanted], capture_output=True)
    if archive.returncode != 0:
        raise CommandError(f"git cannot read commit {commit[:7]}: {archive.stderr.decode(errors='replace').strip()}")
    try:
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
            tar.extractall(into, filter="data")
    except tarfile.TarError as error:
        raise CommandError(f"commit {commit[:7]} holds what is not written to disk: {error}") from error


def _rev(root: Path, ref: str) -> str | None:
    return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}") or None


def _git(root: Path, *args: str) -> str:
    """Output of a git command; empty where it fails (no repository, no such ref)."""
    try:
        done = subprocess.run(["git", "-C", str(root), *args], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
