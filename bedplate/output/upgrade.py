"""An upgrade as text and as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from bedplate.model.edits import Edit
from bedplate.output.documents.upgrade import (
    EditDocument,
    GateDocument,
    StepDocument,
    TransitionDocument,
    UpgradeDocument,
)
from bedplate.output.lines import BLANK, Line, Lines, Segment, Style, line
from bedplate.output.wording import many, value_text
from bedplate.upgrade.steps import Clock, Gate, Step, Transition, UpgradePlan

_STYLES: dict[str, Style] = {"safe": "good", "manual": "warn", "blocked": "bad"}


def upgrade_text(plan: UpgradePlan, taken: Step | None = None, *, committed: bool = False) -> Lines:
    """What `bedplate upgrade` shows: the verdict, how long what runs is supported, every step, the next command.

    `taken` is the step that was just written; it has to be applied before the next one.
    """
    return Lines(_text(plan, taken, committed=committed))


def step_text(step: Step, number: int, environment: str) -> Iterator[Line]:
    """One step of `environment`: what it is, what it takes, what it changes, what must hold then, and the way back."""
    yield line(
        Segment(f"{number:>2}  ", "dim"), Segment(step.title, "strong"), "  ", Segment(step.kind, _STYLES[step.kind])
    )
    for reason in step.blocked:
        yield _fact("blocked", reason, "bad")
    for move in step.transitions:
        where = f" on {move.subject}" if move.subject else ""
        yield _fact(
            "takes", f"{move.part}{where} {move.old} → {move.new}, {move.kind}: {move.reason}", _STYLES[move.kind]
        )
        if move.source:
            yield _fact("source", move.source)
    for text in step.by_hand:
        yield _fact("first", text, "warn")
    for edit in step.edits:
        yield _fact("edit", f"{edit.file}: {_edit(edit)}")
    if step.relock:
        charts = f", and expand {', '.join(step.expand)} again" if step.expand else ""
        yield _fact("lock", f"run `bedplate lock {environment}`{charts}")
    yield from _moves(step)
    for note in step.notes:
        yield _fact("note", note)
    yield from (_fact("gate", gate.title) for gate in step.gates if gate.kind != "health")
    if any(gate.kind == "health" for gate in step.gates):
        yield _fact("gate", "health, as above")
    if step.point_of_no_return:
        yield _fact("no return", step.point_of_no_return, "warn")
    revert = [] if step.irreversible else ["revert the commit and apply"]
    yield _fact("back", "; ".join([*revert, *([step.rollback_note] if step.rollback_note else [])]))


def upgrade_document(plan: UpgradePlan, today: date) -> UpgradeDocument:
    """The published form (schema `bedplate.upgrade/v1`)."""
    return {
        "schema": "bedplate.upgrade/v1",
        "environment": plan.environment,
        "today": today.isoformat(),
        "present": plan.present,
        "target": plan.target,
        "canary": {"pool": plan.canary.pool, "declared": plan.canary.declared} if plan.canary else None,
        "clocks": [
            {
                "subject": clock.subject,
                "status": clock.support.status,
                "ends": clock.support.ends.isoformat() if clock.support.ends else None,
                "daysLeft": clock.support.days_left,
            }
            for clock in plan.clocks
        ],
        "kept": list(plan.kept),
        "unused": list(plan.unused),
        "steps": [_step_document(step) for step in plan.steps],
    }


def _text(plan: UpgradePlan, taken: Step | None, *, committed: bool) -> Iterator[Line]:
    if plan.steps:
        kinds = Counter(step.kind for step in plan.steps)
        counted = ", ".join(f"{kinds[kind]} {kind}" for kind in ("safe", "manual", "blocked") if kinds[kind])
        way = f"{plan.present} → {plan.target}" if plan.present != plan.target else plan.target
        verdict = f"{plan.environment}: {many(len(plan.steps), 'step')} to go, {way}: {counted}"
        yield line(Segment(verdict, "bad" if kinds["blocked"] else "strong"))
    else:
        yield line(Segment(f"{plan.environment}: is at baseline {plan.target}, nothing to do", "good"))
    yield from (_fact("support", _clock(clock), _clock_style(clock)) for clock in plan.clocks)
    if plan.canary is not None and plan.steps:
        how = "as the environment says" if plan.canary.declared else "the smallest with models; update.canary chooses"
        yield _fact("canary", f"{plan.canary.pool}, {how}")
    yield from (_fact("kept", text) for text in plan.kept)
    if plan.unused:
        yield _fact("unused", f"{', '.join(plan.unused)}: not run here, so they move with the last step")
    health = dict.fromkeys(gate.title for step in plan.steps for gate in step.gates if gate.kind == "health")
    yield from (_fact("health", text) for text in health)
    for number, step in enumerate(plan.steps, start=1):
        yield BLANK
        yield from step_text(step, number, plan.environment)
    yield BLANK
    following = _next(plan) if taken is None else _after(taken, plan.environment, committed=committed)
    yield line(Segment("next: ", "strong"), following)


def _after(taken: Step, environment: str, *, committed: bool) -> str:
    """What brings a step that was written to the cluster, and tells whether it holds."""
    charts = "".join(f" --chart {name}=PATH" for name in taken.expand)
    steps = [f"bedplate lock {environment}{charts}"] if taken.relock else []
    steps += [] if committed and not taken.relock else ["git commit"]
    return f"{', '.join([*steps, f'bedplate apply {environment}'])}, then bedplate upgrade {environment} --check-gates"


def _next(plan: UpgradePlan) -> str:
    if not plan.steps:
        return f"bedplate plan {plan.environment}"
    step = plan.steps[0]
    if step.kind == "blocked":
        reasons = [*step.blocked, *(move.reason for move in step.transitions if move.kind == "blocked")]
        return f"bedplate upgrade {plan.environment} --to {plan.target}, when {step.id} is free: {reasons[0]}"
    by_hand = " --done-by-hand" if step.kind == "manual" else ""
    return f"bedplate upgrade {plan.environment} --to {plan.target} --next{by_hand}"


def _clock(clock: Clock) -> str:
    support = clock.support
    if support.ends is None:
        return f"{clock.subject}: unknown"
    if support.days_left is None:
        return f"{clock.subject}: ended {support.ends.isoformat()}"
    left = many(support.days_left, "day")
    return f"{clock.subject}: {support.status} support ends {support.ends.isoformat()}, {left} left"


def _clock_style(clock: Clock) -> Style:
    return "" if clock.support.status == "standard" else "warn" if clock.support.status == "extended" else "bad"


def _edit(edit: Edit) -> str:
    before = "absent" if edit.before is None else value_text(edit.before)
    after = "removed" if edit.after is None else value_text(edit.after)
    return f"{edit.where}  {before} → {after}"


def _moves(step: Step) -> Iterator[Line]:
    if step.disruption is not None:
        moves, order = step.disruption, "the new one first" if step.disruption.new_first else "the old one first"
        models = f"; models {', '.join(moves.models)}" if moves.models else ""
        gpus = f", {many(moves.gpus, 'GPU')}" if moves.gpus else ""
        yield _fact("moves", f"{many(moves.nodes, 'node')}{gpus}, {moves.at_once} at once, {order}{models}")
    if step.capacity is not None:
        left = step.capacity
        yield _fact(
            "GPUs", f"{left.now} offered to pods now, {left.lowest} at the lowest point, {left.minimum} is the minimum"
        )


def _fact(name: str, text: str, style: Style = "") -> Line:
    return line(Segment(name.ljust(10), "dim"), Segment(text, style), indent=4)


def _edit_document(edit: Edit) -> EditDocument:
    return {"file": edit.file, "path": edit.where, "before": edit.before, "after": edit.after}


def _transition_document(move: Transition) -> TransitionDocument:
    return {
        "part": move.part,
        "subject": move.subject,
        "before": move.old,
        "after": move.new,
        "kind": move.kind,
        "reason": move.reason,
        "source": move.source,
        "irreversible": move.irreversible,
        "reversibleDays": move.reversible_days,
    }


def _gate_document(gate: Gate) -> GateDocument:
    return {
        "kind": gate.kind,
        "subject": gate.subject,
        "holds": gate.title,
        "version": gate.version,
        "least": gate.least,
    }


def _step_document(step: Step) -> StepDocument:
    document: StepDocument = {
        "id": step.id,
        "title": step.title,
        "kind": step.kind,
        "blocked": list(step.blocked),
        "byHand": list(step.by_hand),
        "edits": [_edit_document(edit) for edit in step.edits],
        "transitions": [_transition_document(move) for move in step.transitions],
        "gates": [_gate_document(gate) for gate in step.gates],
        "pointOfNoReturn": step.point_of_no_return,
        "rollback": [_edit_document(edit) for edit in step.rollback],
        "rollbackNote": step.rollback_note,
        "notes": list(step.notes),
        "relock": step.relock,
        "expand": list(step.expand),
    }
    if step.disruption is not None:
        moves = step.disruption
        document["disruption"] = {
            "pool": moves.pool,
            "nodes": moves.nodes,
            "atOnce": moves.at_once,
            "newFirst": moves.new_first,
            "gpus": moves.gpus,
            "models": list(moves.models),
        }
    if step.capacity is not None:
        gpus = step.capacity
        document["gpuCapacity"] = {"now": gpus.now, "lowest": gpus.lowest, "minimum": gpus.minimum}
    return document
