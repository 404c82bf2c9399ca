"""The steps of an apply, each a gate for the next: judge, compare, preview, check against the plan, ask, change."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import click

from bedplate.cli.base import choose, committed_state, last_applied, mark_applied, unchanged_since
from bedplate.cli.errors import CommandError
from bedplate.cli.failures import require
from bedplate.cli.options import talk
from bedplate.cli.planning import plan_environment
from bedplate.cli.preview_check import check_preview
from bedplate.cli.progress import EngineProgress
from bedplate.engine.automation import Engine, Outcome, counts
from bedplate.engine.events import QUIET, StepStarted
from bedplate.environment.resolve import resolve
from bedplate.environment.sections import StateSpec
from bedplate.graph.graph import Graph
from bedplate.graph.values import Json, canonical
from bedplate.output.console import show
from bedplate.output.plan import PLAN_SCHEMA, Exit, Plan
from bedplate.output.text import plan_text


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
    root: Path, name: str, *, base: str | None, plan_file: Path | None, yes: bool, plain: bool
) -> ApplyResult:
    """Apply environment `name`. Raises CommandError where a gate does not open; nothing has changed then."""
    started = time.monotonic()
    commit = committed_state(root)
    state = resolve(root, name).environment.state
    with open_engine(root, state, name) as engine:
        plan = _reviewed(root, name, plan_file) if plan_file else _planned(root, name, base, engine)
        _gate(plan, engine)
        graph = plan.review.graph
        engine.select_stack()
        update_plan = engine.scratch("update-plan.json")
        with EngineProgress(f"{name}: asking the engine", _registered(graph), graph) as progress:
            preview = engine.preview(save_plan=update_plan, on_event=progress)
        require(preview, f"the engine cannot preview {name}; nothing was changed", graph)
        check_preview(plan, preview)
        if not _changes(preview):
            mark_applied(root, name, commit)
            return _result(plan, f"{name}: nothing to do, {_registered(graph)} resources are as planned", {})
        _ask(plan, preview, yes=yes, plain=plain)
        outcome = _up(engine, update_plan, name, graph)
        # Its own preview is the first phase.
        ending = "is applied in part" if outcome.phases > 1 else "is as it was"
        require(outcome, f"{name} {ending}; mend the cause and run `bedplate apply {name}` again", graph)
    mark_applied(root, name, commit)
    done = _described(counts(outcome.events))
    return _result(plan, f"{name}: applied in {time.monotonic() - started:.0f} s: {done}", counts(outcome.events))


def open_engine(root: Path, state: StateSpec, stack: str) -> Engine:
    """The engine for `stack`, with the environment's backend and secrets provider."""
    return Engine(root, stack, backend=state.backend, secrets_provider=state.secrets_provider)


def _planned(root: Path, name: str, base: str | None, engine: Engine) -> Plan:
    """The plan against `base`; else against what was applied last.

    Where that is not known, against nothing if nothing is there yet, or if the base would be what stands here: a first
    apply may have ended half-way, and comparing a commit with itself shows nothing of what is left.
    """
    no_base = False
    if base is None and last_applied(root, name) is None:
        commit = choose(root, name, None)
        no_base = (commit is not None and unchanged_since(root, commit.id)) or engine.is_empty()
    return plan_environment(root, name, base=base, no_base=no_base, today=_today())


def _reviewed(root: Path, name: str, file: Path) -> Plan:
    """The plan that `file` holds, made again here. Raises CommandError unless it is the same to the last value."""
    held = _read_plan(file)
    commit = held["base"]["commit"]
    plan = plan_environment(root, name, base=commit, no_base=commit is None, today=_today())
    made = json.loads(canonical(plan.to_json()))
    for document in (held, made):
        # Labels say how the base was chosen; the day matters only where it decides something, which shows elsewhere.
        document["base"].pop("label", None)
        document["base"].pop("notes", None)
        document.get("review", {}).pop("today", None)
    if canonical(held) != canonical(made):
        differing = sorted(key for key in held.keys() | made.keys() if held.get(key) != made.get(key))
        what = ", ".join(differing)
        message = f"{file} does not describe what is here: {what} differ. Make a new plan and have it reviewed"
        raise CommandError(message, Exit.INTEGRITY)
    return plan


def _read_plan(file: Path) -> dict[str, Json]:
    try:
        held = json.loads(file.read_bytes())
    except ValueError as error:
        raise CommandError(f"{file} is no JSON: {error}", Exit.USAGE) from error
    if not _is_plan(held):
        message = f"{file} is no plan of this version ({PLAN_SCHEMA}); `bedplate plan --out` writes one"
        raise CommandError(message, Exit.USAGE)
    document: dict[str, Json] = held
    return document


def _is_plan(held: Json) -> bool:
    """Whether `held` has the form of a plan, as far as it is looked into before it is compared as a whole."""
    if not isinstance(held, dict) or held.get("schema") != PLAN_SCHEMA:
        return False
    base, review = held.get("base"), held.get("review")
    return isinstance(base, dict) and isinstance(review, dict) and isinstance(base.get("commit", 0), str | None)


def _today() -> date:
    return datetime.now(UTC).date()


def _gate(plan: Plan, engine: Engine) -> None:
    name = plan.review.name
    if plan.blocked:
        reasons = "; ".join(reason.text for reason in plan.reasons if reason.exit is not Exit.CHANGES)
        message = f"{name} may not be applied: {reasons}. `bedplate plan {name}` shows the whole"
        raise CommandError(message, plan.exit_code(detailed=False))
    environment = plan.review.resolved.environment
    if environment.tier == "production" and engine.backend != environment.state.backend:
        message = f"production keeps its state in {environment.state.backend}: unset PULUMI_BACKEND_URL"
        raise CommandError(message, Exit.USAGE)
    if environment.tier == "production" and engine.backend.startswith("file://"):
        raise CommandError("production keeps no state in files: set state.backend to a shared backend", Exit.USAGE)
    missing = plan.review.not_vendored
    if missing:
        talk(f"not in this plan, so the cluster must have them already: {', '.join(missing)}")


def _changes(preview: Outcome) -> list[StepStarted]:
    return [event for event in preview.events if isinstance(event, StepStarted) and event.op not in QUIET]


def _ask(plan: Plan, preview: Outcome, *, yes: bool, plain: bool) -> None:
    if yes:
        return
    show(plan_text(plan), plain=plain, stream=sys.stderr)
    talk("the engine will: " + _described(counts(preview.events)))
    try:
        agreed = click.confirm(f"apply to {plan.review.name}?", default=False, err=True)
    except click.Abort:
        raise CommandError("nobody answered, and nothing was changed; --yes does not ask", Exit.INTERRUPTED) from None
    if not agreed:
        raise CommandError("nothing was changed", Exit.INTERRUPTED)


def _up(engine: Engine, update_plan: Path, name: str, graph: Graph) -> Outcome:
    try:
        with EngineProgress(f"{name}: applying", _registered(graph), graph) as progress:
            return engine.up(plan=update_plan, on_event=progress)
    except KeyboardInterrupt:
        message = f"interrupted: {name} may be applied in part; run `bedplate apply {name}` again"
        raise CommandError(message, Exit.INTERRUPTED) from None


def _registered(graph: Graph) -> int:
    return sum(1 for resource in graph if resource.derived_from is None)


def _described(operations: Mapping[str, int]) -> str:
    parts = [f"{count} {operation}" for operation, count in sorted(operations.items()) if operation not in QUIET]
    return ", ".join(parts) or "nothing"


def _result(plan: Plan, verdict: str, operations: Mapping[str, int]) -> ApplyResult:
    return ApplyResult(plan.review.name, Exit.OK, verdict, operations, plan.review.graph.digest)
