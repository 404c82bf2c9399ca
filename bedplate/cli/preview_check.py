"""Holds the engine's preview against the plan: the engine may do what the plan shows, and nothing else."""

from __future__ import annotations

from bedplate.cli.errors import CommandError
from bedplate.engine.automation import Outcome
from bedplate.engine.events import QUIET, StepStarted
from bedplate.engine.parity import ENGINE_OWN, mismatches
from bedplate.graph.diff import WRITER_PATH, Action, Change, object_label
from bedplate.graph.replacement import Replacement
from bedplate.graph.resource import COMPONENT_PREFIX
from bedplate.output.plan import Exit, Plan
from bedplate.output.wording import listed, many

_SHOWN = 10
_NAMED = 3
_REPLACING = frozenset({"replace", "create-replacement", "delete-replaced"})
_OPERATIONS = {
    Action.CREATE: frozenset({"create"}),
    Action.UPDATE: frozenset({"update"}),
    Action.REPLACE: _REPLACING,
    Action.DELETE: frozenset({"delete"}),
}


def check_preview(plan: Plan, stack: str, preview: Outcome) -> None:
    """Raises CommandError where inputs in `stack` differ from the Graph, or where an operation is not in the plan."""
    _refuse_held(plan, stack, preview)
    planned = [resource for resource in plan.review.graph if resource.stack == stack]
    wrong = [str(item) for item in mismatches(planned, preview.events)]
    wrong += _unplanned(plan, preview)
    if wrong:
        found = sorted(set(wrong))
        shown = "\n  ".join(found[:_SHOWN])
        more = f"\n  and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        message = f"the engine would do something else than the plan shows; nothing was changed\n  {shown}{more}"
        raise CommandError(f"{message}\n{_advice(plan)}", Exit.INTEGRITY)


def _refuse_held(plan: Plan, stack: str, preview: Outcome) -> None:
    """Raises CommandError where `stack` still holds objects that another writer applies: the engine would delete them
    under its hands.
    """
    others = {resource.urn: resource for resource in plan.review.graph if resource.writer}
    held = {event.urn for event in preview.events if isinstance(event, StepStarted)} & others.keys()
    if held:
        labels = [object_label(others[urn]) for urn in sorted(held)]
        writer = others[min(held)].writer
        message = (
            f"{stack} still holds {many(len(held), 'object')} that {writer} applies, and the engine would delete them "
            f"({listed(labels, most=_NAMED)}); nothing was changed. `bedplate handover {plan.review.name}` takes them "
            "out of the state and leaves them in the cluster"
        )
        raise CommandError(message, Exit.INTEGRITY)


def _unplanned(plan: Plan, preview: Outcome) -> list[str]:
    allowed = {change.urn: _operations(change) for change in plan.changes}
    return [
        f"{event.urn.rpartition('::')[2]}: the engine would {event.op} it, and the plan does not show that"
        for event in preview.events
        if isinstance(event, StepStarted)
        and event.op not in QUIET
        # Components and the stack only group others: nothing in the cloud answers to them.
        and not event.type.startswith((COMPONENT_PREFIX, *ENGINE_OWN))
        and event.op not in allowed.get(event.urn, frozenset())
    ]


def _operations(change: Change) -> frozenset[str]:
    operations = _OPERATIONS[change.action]
    # The engine meets what another writer made: it applies it, and calls that making it.
    if any(item.path == WRITER_PATH for item in change.properties):
        return operations | _OPERATIONS[Action.CREATE]
    # The plan says that it does not know whether this update replaces: it may.
    if change.replacement is Replacement.UNKNOWN:
        return operations | _REPLACING
    # What reaches an object from others may turn out to be less than the plan has to expect.
    return operations | _OPERATIONS[Action.UPDATE] if change.causes else operations


def _advice(plan: Plan) -> str:
    name = plan.review.name
    return (
        f"the plan compares with {plan.base.label}; if something else was applied last, name that commit with --base, "
        f"and look with `bedplate plan {name} --base COMMIT` first"
    )
