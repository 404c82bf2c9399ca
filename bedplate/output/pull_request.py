"""All environments of two commits beside each other: what `bedplate pr` says, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bedplate.graph.replacement import ReplacementRule
from bedplate.output.compare import Comparison, compare
from bedplate.output.documents.plan import PrDocument, PrEnvironmentDocument
from bedplate.output.documents.review import ReviewDocument
from bedplate.output.exits import Exit, Reason, winner
from bedplate.output.reasons import blocking_reasons
from bedplate.output.sides import Base, Side
from bedplate.output.verdict import allowed, fits, price


class State(StrEnum):
    """What becomes of an environment."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    NEW = "new"
    REMOVED = "removed"
    NOT_COMPARABLE = "not comparable"
    """The base cannot be rendered: what changes is unknown."""
    BROKEN = "broken"
    """The head cannot be rendered."""


@dataclass(frozen=True, slots=True)
class EnvironmentChange:
    """One environment of a pull request. `comparison` is None where one side cannot be rendered."""

    name: str
    state: State
    head: ReviewDocument | None
    comparison: Comparison | None
    problem: str
    reasons: tuple[Reason, ...]

    @property
    def verdict(self) -> str:
        """What is to be said of it on one line."""
        if self.state is State.BROKEN or self.head is None:
            return self.comparison.verdict if self.comparison else "cannot be rendered"
        if self.comparison is None:
            judges = (allowed(self.head), fits(self.head["capacity"]), price(self.head["cost"]))
            return f"changes unknown, the base cannot be rendered; {', '.join(judges)}"
        return self.comparison.verdict

    @property
    def blocked(self) -> bool:
        """Whether apply would refuse."""
        return any(reason.blocks for reason in self.reasons)

    @property
    def order(self) -> tuple[str, int, str]:
        """Sort key: by fleet and ring, those without a fleet first, then by name."""
        head = self.head or (self.comparison.base.review if self.comparison else None)
        fleet = (head["decisions"].get("fleet") if head else None) or {"name": "", "ring": 0}
        return fleet["name"], fleet["ring"], self.name

    def to_json(self) -> PrEnvironmentDocument:
        document: PrEnvironmentDocument = {
            "environment": self.name,
            "state": self.state.value,
            "verdict": self.verdict,
            "blocked": self.blocked,
            "reasons": [reason.to_json() for reason in self.reasons],
        }
        if self.problem:
            document["problem"] = self.problem
        if self.comparison is not None and self.state is not State.UNCHANGED:
            document["comparison"] = self.comparison.to_json()
        return document


@dataclass(frozen=True, slots=True)
class PullRequest:
    """All environments of either side, by name. Labels say which commits."""

    base: str
    head: str
    notes: tuple[str, ...]
    environments: tuple[EnvironmentChange, ...]

    @property
    def exit(self) -> Exit:
        """The exit code: the worst of all environments."""
        return winner((reason for item in self.environments for reason in item.reasons), detailed=False)

    @property
    def changed(self) -> tuple[EnvironmentChange, ...]:
        """Environments that there is something to say about."""
        return tuple(item for item in self.environments if item.state is not State.UNCHANGED)

    def to_json(self) -> PrDocument:
        return {
            "schema": "bedplate.pr/v1",
            "base": self.base,
            "head": self.head,
            "notes": list(self.notes),
            "exit": int(self.exit),
            "environments": [item.to_json() for item in self.environments],
        }


def environment_change(
    name: str, before: Side, after: Side, label: str, rules: Mapping[str, ReplacementRule]
) -> EnvironmentChange:
    """Compare both sides of environment `name`; `label` names the base."""
    if after.problem:
        reason = Reason("input", Exit.USAGE, f"{name} cannot be rendered")
        return EnvironmentChange(name, State.BROKEN, None, None, after.problem, (reason,))
    if before.problem:
        reason = Reason("base", Exit.FAILED, f"the base of {name} cannot be rendered")
        others = blocking_reasons(after.review) if after.review else ()
        return EnvironmentChange(name, State.NOT_COMPARABLE, after.review, None, before.problem, (reason, *others))
    comparison = compare(name, after.review, Base(label, before.review), rules)
    state = State.CHANGED if comparison.differs else State.UNCHANGED
    if before.review is None:
        state = State.NEW
    elif after.review is None:
        state = State.REMOVED
    return EnvironmentChange(name, state, after.review, comparison, "", comparison.reasons)
