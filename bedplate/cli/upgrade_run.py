"""`bedplate upgrade --run`: one step after the other, each a commit that is applied and watched, and taken back where
its gates stay shut.

An interrupted run is taken up by the next one: what stands is applied and watched first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click

from bedplate.cli.applying import apply_environment
from bedplate.cli.base import last_applied, unchanged_between
from bedplate.cli.errors import CommandError
from bedplate.cli.gate_wait import Watchman
from bedplate.cli.locking import update_lock
from bedplate.cli.options import talk
from bedplate.cli.pipeline import recorded
from bedplate.cli.step_changes import changed_resources, layers_of, refuse_others
from bedplate.cli.step_commits import StepCommit, commit_step, git, last_step, undo, was_taken
from bedplate.cli.upgrading import planned, refuse_untakeable, write_step
from bedplate.environment.load import load
from bedplate.environment.resolve import lock_path, resolve
from bedplate.environment.stacks import Layer
from bedplate.environment.targets import targets_of
from bedplate.graph.graph import Graph
from bedplate.graph.values import pretty
from bedplate.model.source import InputError
from bedplate.output.console import show
from bedplate.output.plan import Exit
from bedplate.output.upgrade_run import run_document, run_exit, run_text
from bedplate.upgrade.judging import Judged
from bedplate.upgrade.runs import Outcome, Result, Run, RunStep
from bedplate.upgrade.steps import Step, UpgradePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a run is asked for: the baseline, the last step (None: all), and how it goes about it."""

    to: str | None
    until: str | None
    done_by_hand: bool
    yes: bool
    plain: bool
    today: date
    watchman: Watchman


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a step did not hold: what the apply said, or which gates stayed shut."""

    reason: str
    gates: tuple[Judged, ...] = ()


def run_upgrade(root: Path, environment: str, order: Order) -> Run:
    """Take steps until the baseline is reached, `order.until` is taken, or one may not be taken or does not hold.

    Raises CommandError where the run cannot begin, and where it is interrupted: then running it again goes on.
    """
    try:
        return _Runner(root, environment, order).run()
    except KeyboardInterrupt:
        raise CommandError(f"interrupted; {_again(environment)}", Exit.INTERRUPTED) from None
    except CommandError as error:
        if error.exit is Exit.INTERRUPTED:
            raise CommandError(f"{error}; {_again(environment)}", Exit.INTERRUPTED) from error
        raise


def run_and_tell(root: Path, environment: str, order: Order, *, as_json: bool) -> int:
    """Run, and print how it ended; the exit code."""
    run = run_upgrade(root, environment, order)
    if as_json:
        click.echo(pretty(run_document(run)), nl=False)
    else:
        show(run_text(run), plain=order.plain)
    return int(run_exit(run))


class _Runner:
    """One run. `_done` are the steps that it took."""

    def __init__(self, root: Path, environment: str, order: Order) -> None:
        self._root = root
        self._environment = environment
        self._order = order
        self._targets = targets_of(root, environment)
        self._done: list[RunStep] = []

    def run(self) -> Run:
        plan = self._planned()
        self._refuse_unknown(plan)
        standing = last_step(self._root, self._environment)
        failure = self._bring_up(standing)
        if failure is not None and standing is not None and not standing.undone:
            return self._failed(standing, (), failure)
        if failure is not None:
            return self._ended(plan, "stopped", failure)
        while plan.steps and not self._reached(plan):
            step = plan.steps[0]
            try:
                taken, layers = self._take(plan, step)
            except (CommandError, InputError) as error:
                return self._ended(plan, "stopped", _Failure(str(error)))
            failure = self._apply(layers, f"{taken.id}^") or self._watch()
            if failure is not None:
                return self._failed(taken, layers, failure)
            self._note(taken, layers, "taken")
            plan = self._planned()
        return self._ended(plan, "paused" if plan.steps else "arrived")

    def _planned(self) -> UpgradePlan:
        return planned(self._root, self._environment, self._order.to, self._order.today)

    def _refuse_unknown(self, plan: UpgradePlan) -> None:
        until = self._order.until
        known = [step.id for step in plan.steps]
        if until and until not in known and not was_taken(self._root, self._environment, plan.target, until):
            text = f"--until {until}: there is no such step; those to go are {', '.join(known) or 'none'}"
            raise CommandError(text, Exit.USAGE)

    def _reached(self, plan: UpgradePlan) -> bool:
        """Whether the step that the run was to end with is taken."""
        until = self._order.until
        return until is not None and until not in {step.id for step in plan.steps}

    def _bring_up(self, standing: StepCommit | None) -> _Failure | None:
        """Apply what the files say now, unless it is known to be applied, and wait for its gates."""
        if not self._is_applied():
            talk(f"{self._environment}: first what stands")
            failure = self._apply((), self._base(standing), everything=True)
            if failure is not None:
                return failure
        return self._watch()

    def _is_applied(self) -> bool:
        head = git(self._root, "rev-parse", "HEAD")
        return all(each is not None and unchanged_between(self._root, each, head) for each in self._applied())

    def _applied(self) -> list[str | None]:
        """The commit that each stack was applied at last, where that is known."""
        stacks = [stack for target in self._targets for stack in resolve(self._root, target).stacks()]
        return [last_applied(self._root, stack.name) for stack in stacks]

    def _base(self, standing: StepCommit | None) -> str | None:
        """What the engine may have, where it is not what this repository knows to be applied.

        A step that was taken back may have been applied in part; in another copy of the repository nothing is known.
        """
        if standing is not None and standing.undone:
            return standing.step_commit
        if standing is not None and None in self._applied():
            return f"{standing.id}^"
        return None

    def _take(self, plan: UpgradePlan, step: Step) -> tuple[StepCommit, tuple[Layer, ...]]:
        """Write and commit the step with its lock; the layers that it changes."""
        done_by_hand = self._order.done_by_hand and not self._done
        refuse_untakeable(step, done_by_hand=done_by_hand)
        if step.expand:
            charts = ", ".join(step.expand)
            raise CommandError(
                f"{step.id} expands {charts} again: take it with --next, run `bedplate lock {self._environment} "
                "--chart NAME=PATH`, commit both, and run this again"
            )
        talk(f"{self._environment}: {step.title}")
        before = self._graphs()
        files = write_step(self._root, step)
        lock = lock_path(self._environment)
        if step.relock and (self._root / lock).is_file():
            files = [*files, lock]
        try:
            if lock in files:
                update_lock(self._root, self._environment, check=False, charts=())
            changed = changed_resources(before, self._graphs())
            refuse_others(self._environment, step, changed)
            return commit_step(self._root, plan, step, files), layers_of(changed)
        except BaseException:
            # A step is one commit or none: what was written of it would be in the way of the next run.
            git(self._root, "checkout", "--quiet", "HEAD", "--", *files)
            raise

    def _graphs(self) -> dict[str, Graph]:
        return {target: recorded(load(self._root, target)) for target in self._targets}

    def _apply(self, layers: tuple[Layer, ...], base: str | None, *, everything: bool = False) -> _Failure | None:
        """Apply `layers` against what `base` says; nothing where no layer changes."""
        if not layers and not everything:
            return None
        for target in self._targets:
            layered = resolve(self._root, target).environment.delivery.stacks == "layered"
            try:
                apply_environment(
                    self._root,
                    target,
                    layers=layers if layered else (),
                    base=base,
                    plan_file=None,
                    yes=self._order.yes,
                    plain=self._order.plain,
                )
            except CommandError as error:
                if error.exit is Exit.INTERRUPTED:
                    raise
                return _Failure(str(error))
        return None

    def _watch(self) -> _Failure | None:
        shut = self._order.watchman.wait(self._root, self._targets)
        if not shut:
            return None
        texts = [f"{item.gate.title}: {', '.join(item.reasons)} ({item.verdict})" for item in shut]
        return _Failure(f"gates stayed shut: {'; '.join(texts)}", shut)

    def _failed(self, taken: StepCommit, layers: tuple[Layer, ...], failure: _Failure) -> Run:
        """Take the step back, unless there is no way back from it."""
        talk(f"{self._environment}: {taken.step} does not hold: {failure.reason}")
        if taken.no_return:
            self._note(taken, layers, "stuck")
            return self._stuck(failure, taken.no_return)
        undone = undo(self._root, self._environment, taken)
        talk(f"{self._environment}: taking back {taken.title}")
        again = self._apply(layers, taken.id, everything=not layers) or self._watch()
        if again is not None:
            self._note(undone, layers, "stuck")
            both = replace(again, reason=f"{failure.reason}; taking it back failed too: {again.reason}")
            return self._stuck(both, "the files are as they were before it; mend the cause, and run this again")
        self._note(undone, layers, "takenBack")
        return self._ended(self._planned(), "takenBack", failure)

    def _stuck(self, failure: _Failure, way_back: str) -> Run:
        return replace(self._ended(self._planned(), "stuck", failure), way_back=way_back)

    def _note(self, commit: StepCommit, layers: tuple[Layer, ...], result: Result) -> None:
        self._done.append(RunStep(id=commit.step, title=commit.title, commit=commit.id, layers=layers, result=result))

    def _ended(self, plan: UpgradePlan, outcome: Outcome, failure: _Failure | None = None) -> Run:
        return Run(
            environment=self._environment,
            target=plan.target,
            outcome=outcome,
            steps=tuple(self._done),
            left=tuple(step.id for step in plan.steps),
            reason=failure.reason if failure else "",
            gates=failure.gates if failure else (),
        )


def _again(environment: str) -> str:
    return f"`bedplate upgrade {environment} --run` goes on from where the files stand"
