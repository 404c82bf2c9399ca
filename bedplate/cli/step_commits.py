"""Steps of an upgrade as commits: what each says of itself, which one is the last, and taking one back.

Where an upgrade stands is in the files and in git, and nowhere else: the trailers of a commit are the record of a step.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bedplate.cli.errors import CommandError
from bedplate.environment.targets import FOLDER
from bedplate.output.plan import Exit
from bedplate.upgrade.steps import Step, UpgradePlan

_STEP, _BACK, _UNDONE = "Upgrade-Step", "Upgrade-Way-Back", "Upgrade-Taken-Back"
_OPEN = "revert this commit and apply"


@dataclass(frozen=True, slots=True)
class StepCommit:
    """The commit of a step. `no_return` is why reverting it is not enough, empty where it is.

    `undone`: whether this is the commit that took the step back; `step_commit` is the one that took it.
    """

    id: str
    step: str
    target: str
    title: str
    no_return: str = ""
    undone: bool = False
    step_commit: str = ""


def commit_step(root: Path, plan: UpgradePlan, step: Step, files: Sequence[str]) -> StepCommit:
    """Commit `files` as the step of `plan`."""
    trailers = [f"{_STEP}: {_name(plan.environment, plan.target, step.id)}", f"{_BACK}: {_way_back(step)}"]
    _commit(root, f"Upgrade {plan.environment}: {step.title}", trailers, files)
    return StepCommit(git(root, "rev-parse", "HEAD"), step.id, plan.target, step.title, step.point_of_no_return)


def last_step(root: Path, environment: str) -> StepCommit | None:
    """The step that was taken or taken back last, if nothing else changed the environment's file since."""
    keys = ",".join((_STEP, _BACK, _UNDONE))
    form = "%H%n%s%n" + "%n".join(f"%(trailers:key={key},valueonly,separator=%x20)" for key in keys.split(","))
    text = git(root, "log", "-1", f"--format={form}", "--", f"{FOLDER}/{environment}.yaml")
    if not text:
        return None
    commit, subject, step, back, undone = (text.split("\n") + [""] * 5)[:5]
    title = subject.partition(": ")[2]
    if undone:
        name, _, taken = undone.partition(" ")
        _, target, identifier = name.split("/")
        return StepCommit(commit, identifier, target, title, undone=True, step_commit=taken)
    if not step:
        return None
    _, target, identifier = step.split("/")
    return StepCommit(commit, identifier, target, title, "" if back == _OPEN else back)


def was_taken(root: Path, environment: str, target: str, step: str) -> bool:
    """Whether the history holds this step, and holds it longer than its being taken back."""
    name = _name(environment, target, step)
    pattern = f"^({_STEP}|{_UNDONE}): {name}( |$)"
    last = git(root, "log", "-1", "--extended-regexp", f"--grep={pattern}", "--format=%B")
    return f"{_STEP}: {name}" in last.splitlines()


def undo(root: Path, environment: str, taken: StepCommit) -> StepCommit:
    """Commit the files as they were before `taken`, to the byte. Raises CommandError where they changed since."""
    changes = [line.split("\t") for line in git(root, "show", "--format=", "--name-status", taken.id).splitlines()]
    paths = [f":/{path}" for _, path in changes]
    refuse_dirty(root, paths)
    if git(root, "diff", "--name-only", taken.id, "HEAD", "--", *paths):
        raise CommandError(f"{', '.join(path[2:] for path in paths)} changed since {taken.step} was taken")
    for (kind, _), path in zip(changes, paths, strict=True):
        if kind == "A":
            git(root, "rm", "--quiet", "--", path)
        else:
            git(root, "checkout", "--quiet", f"{taken.id}^", "--", path)
    name = _name(environment, taken.target, taken.step)
    _commit(root, f"Take back {environment}: {taken.title}", [f"{_UNDONE}: {name} {taken.id}"], paths)
    commit = git(root, "rev-parse", "HEAD")
    return StepCommit(commit, taken.step, taken.target, taken.title, undone=True, step_commit=taken.id)


def refuse_dirty(root: Path, files: Sequence[str]) -> None:
    """Raise CommandError where a file has changes that are not committed: they would be part of the step."""
    changed = git(root, "status", "--porcelain", "--", *files)
    if changed:
        names = ", ".join(line[3:] for line in changed.splitlines())
        raise CommandError(f"commit or undo first what changed in {names}: a step is one commit", Exit.USAGE)


def git(root: Path, *args: str) -> str:
    """Output of a git command. Raises CommandError where it fails."""
    try:
        done = subprocess.run(["git", "-C", str(root), *args], capture_output=True, text=True)
    except FileNotFoundError:
        raise CommandError("git is not on PATH: steps of an upgrade are commits") from None
    if done.returncode != 0:
        raise CommandError(f"git {args[0]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.rstrip()


def _commit(root: Path, subject: str, trailers: Sequence[str], files: Sequence[str]) -> None:
    message = f"{subject}\n\n" + "\n".join(trailers)
    git(root, "commit", "--quiet", "--message", message, "--", *files)


def _way_back(step: Step) -> str:
    return step.point_of_no_return or _OPEN


def _name(environment: str, target: str, step: str) -> str:
    return f"{environment}/{target}/{step}"
