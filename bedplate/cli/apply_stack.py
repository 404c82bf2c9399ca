"""The steps of one stack's apply, each a gate for the next: judge, preview, check against the plan, ask, change."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from bedplate.cli.apply_plans import Plans
from bedplate.cli.base import mark_applied
from bedplate.cli.errors import CommandError
from bedplate.cli.failures import interrupted, require
from bedplate.cli.first_state import comes_before_the_bucket
from bedplate.cli.node_group_check import check_new_groups
from bedplate.cli.options import talk
from bedplate.cli.preview_check import check_preview
from bedplate.cli.progress import EngineProgress
from bedplate.engine.automation import Engine, Outcome, counts
from bedplate.engine.events import QUIET, StepStarted
from bedplate.environment.stacks import Stack
from bedplate.graph.diff import WRITER_PATH
from bedplate.graph.graph import Graph
from bedplate.output.console import show
from bedplate.output.exits import winner
from bedplate.output.plan import Exit, Plan
from bedplate.output.text import plan_text
from bedplate.units.writer import PULUMI

# What keeps only those layers back that start pods: the account and the nodes need no image and no chart of the lock.
_OF_THE_LOCK = frozenset({"charts", "lock"})
_STARTS_PODS = frozenset({"platform", "models"})


def apply_stack(
    root: Path, engine: Engine, stack: Stack, plans: Plans, *, commit: str | None, yes: bool, plain: bool
) -> tuple[Plan, Mapping[str, int]]:
    """Apply `stack` with the engine that is open for it; its plan, and how many resources each operation happened to.

    `commit` is what the working tree stands at, None where it is none. Raises CommandError where a gate does not open;
    nothing has changed then.
    """
    name = engine.stack
    plan = plans.for_stack(name, engine)
    _gate(plan, stack, engine)
    graph = plan.review.graph
    total = registered(graph, name)
    engine.select_stack()
    if _takes_over(plan, name):
        engine.take_over()
    update_plan = engine.scratch("update-plan.json")
    with EngineProgress(f"{name}: asking the engine", total, graph) as progress:
        preview = engine.preview(save_plan=update_plan, on_event=progress)
    require(preview, f"the engine cannot preview {name}; nothing was changed", graph)
    check_preview(plan, name, preview)
    check_new_groups(plan, preview)
    if not _changes(preview):
        mark_applied(root, name, commit)
        return plan, {}
    _ask(plan, name, preview, yes=yes, plain=plain)
    outcome = _up(engine, update_plan, total, graph)
    # Its own preview is the first phase.
    ending = "is applied in part" if outcome.phases > 1 else "is as it was"
    require(outcome, f"{name} {ending}; mend the cause and run `bedplate apply {plan.review.name}` again", graph)
    mark_applied(root, name, commit)
    return plan, counts(outcome.events)


def _takes_over(plan: Plan, stack: str) -> bool:
    """Whether objects of `stack` come from another writer's hands into Pulumi's."""
    return any(
        item.path == WRITER_PATH and item.after == PULUMI
        for change in plan.changes
        if change.resource.stack == stack
        for item in change.properties
    )


def registered(graph: Graph, stack: str) -> int:
    """How many resources the program registers in `stack` with the engine."""
    return sum(
        1 for resource in graph if resource.derived_from is None and not resource.writer and resource.stack == stack
    )


def described(operations: Mapping[str, int]) -> str:
    """Operations in words."""
    parts = [f"{count} {operation}" for operation, count in sorted(operations.items()) if operation not in QUIET]
    return ", ".join(parts) or "nothing"


def _gate(plan: Plan, stack: Stack, engine: Engine) -> None:
    name = plan.review.name
    starts_pods = not _STARTS_PODS.isdisjoint(stack.layers)
    reasons = [item for item in plan.reasons if item.blocks and (starts_pods or item.id not in _OF_THE_LOCK)]
    if reasons:
        texts = "; ".join(reason.text for reason in reasons)
        message = f"{stack.name} may not be applied: {texts}. `bedplate plan {name}` shows the whole"
        raise CommandError(message, winner(reasons, detailed=False))
    environment = plan.review.resolved.environment
    if comes_before_the_bucket(environment, engine.stack, engine.backend):
        talk(f"{engine.stack} keeps its state in {engine.backend} until `bedplate move` brings it to the bucket")
        return
    if environment.tier == "production" and engine.backend != environment.state.backend:
        message = f"production keeps its state in {environment.state.backend}: unset PULUMI_BACKEND_URL"
        raise CommandError(message, Exit.USAGE)
    if environment.tier == "production" and engine.backend.startswith("file://"):
        raise CommandError("production keeps no state in files: set state.backend to a shared backend", Exit.USAGE)
    missing = plan.review.not_vendored
    if missing and starts_pods:
        talk(f"not in this plan, so the cluster must have them already: {', '.join(missing)}")


def _changes(preview: Outcome) -> list[StepStarted]:
    return [event for event in preview.events if isinstance(event, StepStarted) and event.op not in QUIET]


def _ask(plan: Plan, stack: str, preview: Outcome, *, yes: bool, plain: bool) -> None:
    if yes:
        return
    show(plan_text(plan), plain=plain, stream=sys.stderr)
    talk("the engine will: " + described(counts(preview.events)))
    try:
        agreed = click.confirm(f"apply to {stack}?", default=False, err=True)
    except click.Abort:
        raise CommandError("nobody answered, and nothing was changed; --yes does not ask", Exit.INTERRUPTED) from None
    if not agreed:
        raise CommandError("nothing was changed", Exit.INTERRUPTED)


def _up(engine: Engine, update_plan: Path, total: int, graph: Graph) -> Outcome:
    try:
        with EngineProgress(f"{engine.stack}: applying", total, graph) as progress:
            return engine.up(plan=update_plan, on_event=progress)
    except KeyboardInterrupt as error:
        raise interrupted(error, engine.stack, "applied", f"bedplate apply {graph.environment}") from None
