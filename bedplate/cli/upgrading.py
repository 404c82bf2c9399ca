"""Upgrades between plan and files: every step is tried on a copy before it is shown or written."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from bedplate.cli.errors import CommandError
from bedplate.cli.options import talk
from bedplate.environment.environment import Environment
from bedplate.environment.load import load
from bedplate.environment.resolve import resolve
from bedplate.environment.targets import FOLDER, environment_names, targets_of
from bedplate.model.edits import Edit, edited
from bedplate.model.files import write_atomic
from bedplate.model.source import InputError
from bedplate.output.plan import Exit
from bedplate.upgrade.layout import key_order
from bedplate.upgrade.plan import plan_upgrade
from bedplate.upgrade.steps import Step, UpgradePlan


def planned(root: Path, name: str, to: str | None, today: date) -> UpgradePlan:
    """The plan for environment `name`. A step after which its files would not load is blocked, with the problem.

    Sites run one definition: any of them shows what it takes.
    """
    target = targets_of(root, name)[0]
    resolved = load(root, target)
    others = _others(root, name) if resolved.environment.fleet else ()
    plan = replace(plan_upgrade(resolved, resolved.catalog, to, today, others), environment=name)
    with _copy(root) as trial:
        return replace(plan, steps=tuple(_tried(trial, target, step) for step in plan.steps))


def take_step(root: Path, plan: UpgradePlan, *, done_by_hand: bool, commit: bool) -> None:
    """Write the edits of the plan's first step. Raises CommandError where it may not be taken."""
    if not plan.steps:
        return
    step = plan.steps[0]
    if step.kind == "blocked":
        reasons = [*step.blocked, *(move.reason for move in step.transitions if move.kind == "blocked")]
        raise CommandError(f"{step.id} is blocked: {'; '.join(reasons)}")
    if step.kind == "manual" and not done_by_hand:
        asks = [*step.by_hand, *(move.reason for move in step.transitions if move.kind == "manual")]
        message = f"{step.id} asks people to do something first: {'; '.join(asks)}; then add --done-by-hand"
        raise CommandError(message)
    files = sorted({edit.file for edit in step.edits})
    _refuse_dirty(root, files)
    for file in files:
        write_atomic(root / file, _changed(root, file, step.edits).encode())
    talk(f"wrote {', '.join(files)}: {step.title}")
    if commit:
        _git(root, "commit", "--quiet", "--message", f"Upgrade {plan.environment}: {step.title}", "--", *files)
    if step.relock:
        charts = f" with --chart NAME=PATH for {', '.join(step.expand)}" if step.expand else ""
        talk(f"the lock does not fit any longer: run `bedplate lock {plan.environment}`{charts}")


def _others(root: Path, name: str) -> tuple[Environment, ...]:
    """The other environments of the repository. One that cannot be read stops the upgrade: its ring is unknown."""
    names = (each for each in environment_names(root) if each != name.partition(".")[0])
    return tuple(resolve(root, targets_of(root, each)[0], with_lock=False).environment for each in names)


def _tried(trial: Path, target: str, step: Step) -> Step:
    """`step`, written into the copy; blocked where the result does not load."""
    for file in sorted({edit.file for edit in step.edits}):
        write_atomic(trial / file, _changed(trial, file, step.edits).encode())
    try:
        load(trial, target)
    except InputError as error:
        problems = tuple(f"the files would not load: {problem.render()}" for problem in error.problems)
        return replace(step, blocked=(*step.blocked, *problems))
    return step


def _changed(root: Path, file: str, edits: tuple[Edit, ...]) -> str:
    # Bytes, not text mode: line ends stay as they are.
    text = (root / file).read_bytes().decode()
    try:
        return edited(text, [edit for edit in edits if edit.file == file], key_order)
    except ValueError as error:
        raise CommandError(f"{file} cannot be edited: {error}") from error


@contextmanager
def _copy(root: Path) -> Iterator[Path]:
    """A copy of what environments are read from."""
    with tempfile.TemporaryDirectory(prefix="bedplate-") as folder:
        shutil.copytree(root / FOLDER, Path(folder) / FOLDER)
        yield Path(folder)


def _refuse_dirty(root: Path, files: list[str]) -> None:
    """Raise CommandError where a file has changes that are not committed: they would be part of the step."""
    changed = _git(root, "status", "--porcelain", "--", *files)
    if changed:
        names = ", ".join(line[3:] for line in changed.splitlines())
        raise CommandError(f"commit or undo first what changed in {names}: a step is one commit", Exit.USAGE)


def _git(root: Path, *args: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(root), *args], capture_output=True, text=True)
    except FileNotFoundError:
        raise CommandError("git is not on PATH: steps of an upgrade are commits") from None
    if done.returncode != 0:
        raise CommandError(f"git {args[0]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.rstrip()
