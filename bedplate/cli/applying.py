"""The steps of an apply, each a gate for the next: judge, compare, preview, check against the plan, ask, change."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from bedplate.cli.base import mark_applied
from bedplate.cli.errors import CommandError
from bedplate.cli.options import talk
from bedplate.cli.planning import plan_environment
from bedplate.cli.progress import EngineProgress
from bedplate.engine.automation import Engine, EngineError, Outcome, counts
from bedplate.engine.events import QUIET, StepStarted
from bedplate.engine.parity import mismatches
from bedplate.environment.sections import StateSpec
from bedplate.graph.diff import Action
from bedplate.graph.graph import Graph
from bedplate.graph.values import Json
from bedplate.output.console import show
from bedplate.output.plan import Exit, Plan
from bedplate.output.text import plan_text

_SHOWN_MISMATCHES = 10


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """How an apply ended."""

    environment: str
    exit: Exit
    verdict: str
    operations: Mapping[str, int]
    graph_digest: str

    def to_json(self) -> dict[str, Json]:
        return {
            "schema": "bedplate.apply/v1",
            "environment": self.environment,
            "exit": int(self.exit),
            "verdict": self.verdict,
            "operations": dict(self.operations),
            "graphDigest": self.graph_digest,
        }


def apply_environment(
    root: Path, name: str, *, plan_file: Path | None, yes: bool, today: date, plain: bool
) -> ApplyResult:
    """Apply environment `name`. Raises CommandError where a gate does not open; nothing has changed then."""
    started = time.monotonic()
    plan = plan_environment(root, name, base=None, no_base=False, today=today)
    _gate(plan)
    if plan_file is not None:
        _same_as_file(plan, plan_file)
    graph = plan.review.graph
    with open_engine(root, plan.review.resolved.environment.state, name) as engine:
        engine.select_stack()
        update_plan = engine.scratch("update-plan.json")
        with EngineProgress(f"{name}: asking the engine", _registered(graph), graph) as progress:
            preview = engine.preview(save_plan=update_plan, on_event=progress)
        _require(preview, f"the engine cannot preview {name}; nothing was changed")
        _check_engine(plan, preview)
        if not _changes(preview):
            mark_applied(root, name)
            return _result(plan, f"{name}: nothing to do, {_registered(graph)} resources are as planned", {})
        _ask(plan, preview, yes=yes, plain=plain)
        with EngineProgress(f"{name}: applying", _registered(graph), graph) as progress:
            outcome = engine.up(plan=update_plan, on_event=progress)
        _require(outcome, f"{name} is applied in part; mend the cause and run `bedplate apply {name}` again")
    mark_applied(root, name)
    done = _described(counts(outcome.events))
    return _result(plan, f"{name}: applied in {time.monotonic() - started:.0f} s: {done}", counts(outcome.events))


def open_engine(root: Path, state: StateSpec, stack: str) -> Engine:
    """The engine for `stack`, with the environment's backend and secrets provider."""
    try:
        return Engine(root, stack, backend=state.backend, secrets_provider=state.secrets_provider)
    except EngineError as error:
        raise CommandError(str(error)) from error


def _gate(plan: Plan) -> None:
    if plan.blocked:
        reasons = "; ".join(reason.text for reason in plan.reasons if reason.exit is not Exit.CHANGES)
        message = (
            f"{plan.review.name} may not be applied: {reasons}. `bedplate plan {plan.review.name}` shows the whole"
        )
        raise CommandError(message, plan.exit_code(detailed=False))
    state = plan.review.resolved.environment.state
    if plan.review.resolved.environment.tier == "production" and state.backend.startswith("file://"):
        raise CommandError("production keeps no state in files: set state.backend to a shared backend", Exit.USAGE)


def _same_as_file(plan: Plan, file: Path) -> None:
    """A plan file binds the graph and every decision by value; anything else refuses before anything is touched."""
    held: Json = json.loads(file.read_bytes())
    review = plan.review.to_json()
    for key in ("environment", "graphDigest", "decisions", "unresolved", "notVendored"):
        if held["review"].get(key) != review[key]:
            message = f"{file} does not describe what is here: {key} differs. Make a new plan and have it reviewed"
            raise CommandError(message, Exit.INTEGRITY)


def _check_engine(plan: Plan, preview: Outcome) -> None:
    """Refuse whatever the plan did not show: other inputs, and deletions or replacements that it does not list."""
    wrong = [str(item) for item in mismatches(plan.review.graph, preview.events)]
    if plan.base.review is not None:
        listed = {c.urn for c in plan.changes if c.action in (Action.DELETE, Action.REPLACE) or c.replacement != "no"}
        wrong += [
            f"{event.urn.rpartition('::')[2]}: the engine would {event.op} it, and the plan does not show that"
            for event in preview.events
            if isinstance(event, StepStarted) and event.op in ("delete", "replace") and event.urn not in listed
        ]
    if wrong:
        shown = "\n  ".join(sorted(set(wrong))[:_SHOWN_MISMATCHES])
        more = f"\n  and {len(wrong) - _SHOWN_MISMATCHES} more" if len(wrong) > _SHOWN_MISMATCHES else ""
        message = f"the engine would do something else than the plan showed; nothing was changed\n  {shown}{more}"
        raise CommandError(message, Exit.INTEGRITY)


def _changes(preview: Outcome) -> list[StepStarted]:
    return [event for event in preview.events if isinstance(event, StepStarted) and event.op not in QUIET]


def _ask(plan: Plan, preview: Outcome, *, yes: bool, plain: bool) -> None:
    if yes:
        return
    show(plan_text(plan), plain=plain)
    talk("the engine will: " + _described(counts(preview.events)))
    if not click.confirm(f"apply to {plan.review.name}?", default=False, err=True):
        raise CommandError("nothing was changed", Exit.INTERRUPTED)


def _require(outcome: Outcome, message: str) -> None:
    if not outcome.succeeded:
        details = "\n  ".join(line for error in outcome.errors for line in error.splitlines())
        raise CommandError(f"{message}\n  {details}")


def _registered(graph: Graph) -> int:
    return sum(1 for resource in graph if resource.derived_from is None)


def _described(operations: Mapping[str, int]) -> str:
    parts = [f"{count} {operation}" for operation, count in sorted(operations.items()) if operation not in QUIET]
    return ", ".join(parts) or "nothing"


def _result(plan: Plan, verdict: str, operations: Mapping[str, int]) -> ApplyResult:
    return ApplyResult(plan.review.name, Exit.OK, verdict, operations, plan.review.graph.digest)
