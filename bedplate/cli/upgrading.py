"""Upgrades between plan and files: every step is tried on a copy before it is shown or written."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from bedplate.cli.errors import CommandError
from bedplate.cli.options import talk
from bedplate.cli.step_commits import commit_step, refuse_dirty
from bedplate.environment.environment import Environment
from bedplate.environment.load import load
from bedplate.environment.resolve import resolve
from bedplate.environment.targets import FOLDER, environment_names, targets_of
from bedplate.model.edits import Edit, edited
from bedplate.model.files import write_atomic
from bedplate.model.source import InputError, Problem
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


def take_step(root: Path, plan: UpgradePlan, *, done_by_hand: bool, commit: bool) -> Step | None:
    """Write the edits of the plan's first step, and return it. Raises CommandError where it may not be taken."""
    if not plan.steps:
        return None
    step = plan.steps[0]
    refuse_untakeable(step, done_by_hand=done_by_hand)
    files = write_step(root, step)
    talk(f"wrote {', '.join(files)}: {step.title}")
    if commit:
        commit_step(root, plan, step, files)
    if step.relock:
        charts = f" with --chart NAME=PATH for {', '.join(step.expand)}" if step.expand else ""
        talk(f"the lock does not fit any longer: run `bedplate lock {plan.environment}`{charts}")
    return step


def refuse_untakeable(step: Step, *, done_by_hand: bool) -> None:
    """Raise CommandError where the step is blocked, or asks people for something that is not done."""
    if step.kind == "blocked":
        reasons = [*step.blocked, *(move.reason for move in step.transitions if move.kind == "blocked")]
        raise CommandError(f"{step.id} is blocked: {'; '.join(reasons)}")
    if step.kind == "manual" and not done_by_hand:
        asks = [*step.by_hand, *(move.reason for move in step.transitions if move.kind == "manual")]
        message = f"{step.id} asks people to do something first: {'; '.join(asks)}; then add --done-by-hand"
        raise CommandError(message)


def write_step(root: Path, step: Step) -> list[str]:
    """Write the edits of a step, and return the files. Raises CommandError where one has other changes."""
    files = sorted({edit.file for edit in step.edits})
    refuse_dirty(root, files)
    for file in files:
        write_atomic(root / file, _changed(root, file, step.edits).encode())
    return files


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
        problems = tuple(f"the files would not load: {_one_line(problem)}" for problem in error.problems)
        return replace(step, blocked=(*step.blocked, *problems))
    return step


def _one_line(problem: Problem) -> str:
    return "; ".join(part.strip() for part in problem.render().splitlines())


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
        for name in (FOLDER, "extensions"):
            if (root / name).is_dir():
                shutil.copytree(root / name, Path(folder) / name)
        yield Path(folder)
