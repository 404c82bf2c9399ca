"""A plan: a review beside its base, with a verdict. Text, markdown and JSON are made from this and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedplate.graph.diff import Action, Change
from bedplate.graph.replacement import ReplacementRule
from bedplate.graph.values import Json
from bedplate.output.compare import Comparison, compare
from bedplate.output.exits import Exit, Reason
from bedplate.output.review import Review
from bedplate.output.sides import Base

__all__ = ["PLAN_SCHEMA", "Base", "Exit", "Plan", "Reason", "make_plan"]

PLAN_SCHEMA = "bedplate.plan/v1"


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes of an environment against its base, judged."""

    review: Review
    comparison: Comparison

    @property
    def base(self) -> Base:
        """What the plan is compared with."""
        return self.comparison.base

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every object that differs, derived ones included."""
        return self.comparison.changes

    @property
    def registered_changes(self) -> tuple[Change, ...]:
        """Changes of resources that the program registers."""
        return self.comparison.registered_changes

    @property
    def derived_changes(self) -> tuple[Change, ...]:
        """Changes of objects that controllers will make as a consequence."""
        return self.comparison.derived_changes

    @property
    def dangers(self) -> tuple[str, ...]:
        """What a reviewer must not miss."""
        return self.comparison.dangers

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Everything that decides the exit code."""
        return self.comparison.reasons

    @property
    def blocked(self) -> bool:
        """Whether apply would refuse."""
        return self.comparison.blocked

    def count(self, action: Action) -> int:
        """Registered resources that `action` happens to."""
        return self.comparison.count(action)

    def exit_code(self, *, detailed: bool) -> Exit:
        """The exit code of `plan`; changes count only where `detailed` is asked for."""
        return self.comparison.exit_code(detailed=detailed)

    def to_json(self) -> dict[str, Json]:
        """The published form (schema `bedplate.plan/v1`)."""
        return {"schema": PLAN_SCHEMA, **self.comparison.to_json(), "review": self.comparison.head}


def make_plan(review: Review, base: Base, rules: Mapping[str, ReplacementRule]) -> Plan:
    """Compare `review` with `base` and decide what blocks."""
    return Plan(review, compare(review.name, review.to_json(), base, rules, graph=review.graph))
