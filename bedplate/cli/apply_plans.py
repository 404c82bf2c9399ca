"""The plans that an apply is held against: one for each commit that a stack was applied at last."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

from bedplate.cli.base import Commit, commit_of, last_applied, merge_base, unchanged_since
from bedplate.cli.errors import CommandError
from bedplate.cli.planning import plan_against, plan_environment
from bedplate.engine.automation import Engine
from bedplate.graph.values import Json, canonical
from bedplate.output.plan import PLAN_SCHEMA, Exit, Plan


class Plans:
    """Plans of one target, each made once. `base` or `file` decide for all stacks; else each stack's own history."""

    def __init__(self, root: Path, target: str, *, base: str | None, file: Path | None) -> None:
        self._root = root
        self._target = target
        self._base = base
        self._reviewed = _reviewed(root, target, file) if file else None
        self._made: dict[Commit | None, Plan] = {}

    def for_stack(self, stack: str, engine: Engine) -> Plan:
        """The plan against what was last applied to `stack`.

        Where that is not known, against nothing if nothing is there yet, or if the base would be what stands here: a
        first apply may have ended half-way, and comparing a commit with itself shows nothing of what is left.
        """
        if self._reviewed is not None:
            return self._reviewed
        commit = self._commit(stack, engine)
        if commit not in self._made:
            self._made[commit] = plan_against(self._root, self._target, commit, _today())
        return self._made[commit]

    def _commit(self, stack: str, engine: Engine) -> Commit | None:
        if self._base is not None:
            return commit_of(self._root, self._base)
        applied = last_applied(self._root, stack)
        if applied is not None:
            return Commit(applied, f"{applied[:7]} (last applied)")
        commit = merge_base(self._root, "HEAD")
        if commit is None or unchanged_since(self._root, commit.id) or engine.is_empty():
            return None
        return commit


def _reviewed(root: Path, target: str, file: Path) -> Plan:
    """The plan that `file` holds, made again here. Raises CommandError unless it is the same to the last value."""
    held = _read_plan(file)
    commit = held["base"]["commit"]
    plan = plan_environment(root, target, base=commit, no_base=commit is None, today=_today())
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
