"""When Karpenter takes nodes away: a part of a Karpenter pool's entry. Forms are those of Karpenter's API (1.14)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import Refusal, Spec
from bedplate.model.types import Form
from components.karpenter.schedule import Schedule

Duration = Annotated[str, Form(r"(?:[0-9]{1,6}[smh])+", "a duration in hours, minutes and seconds", "24h")]
DurationOrNever = Annotated[
    str, Form(r"(?:[0-9]{1,6}[smh])+|Never", "a duration in hours, minutes and seconds, or Never", "720h")
]
Reason = Literal["empty", "underutilized", "drifted"]

_NODES = r"(?:100|[0-9]{1,2})%|[0-9]+"
# Numbers of six digits at most: Go's durations end at 292 years, and Karpenter could not read a longer one.
_SPAN = r"[0-9]{1,6}h|[0-9]{1,6}m|[0-9]{1,6}h[0-9]{1,6}m"


class DisruptionBudgetSpec(Spec):
    """How many nodes Karpenter may take away at once."""

    nodes: Annotated[str, Form(_NODES, "a number of nodes or a part in per cent, quoted", '"10%"')] = Field(
        description='Nodes, or a part of the pool, quoted; "0" forbids it.', examples=["10%"]
    )
    reasons: tuple[Reason, ...] = Field(
        default=(),
        description="For which reasons; all where empty. Drifted are nodes that are not as their pool says any more, "
        "as after an upgrade.",
        examples=[["drifted"]],
    )
    schedule: Schedule | None = Field(
        default=None,
        description="When the budget begins to hold, in UTC; always where absent.",
        examples=["0 8 * * 1-5"],
    )
    duration: Annotated[str, Form(_SPAN, "hours and minutes", "10h")] | None = Field(
        default=None, description="How long it holds from then on.", examples=["10h"]
    )

    @model_validator(mode="after")
    def schedule_and_duration(self) -> Self:
        """Both or neither, as Karpenter's API demands; each reason once."""
        if (self.schedule is None) != (self.duration is None):
            missing = "duration" if self.duration is None else "schedule"
            raise Refusal("is missing: schedule and duration come together", path=(missing,))
        return self


class DisruptionSpec(Spec):
    """When Karpenter takes nodes away or packs their pods elsewhere."""

    when: Literal["empty", "emptyOrUnderutilized"] = Field(
        default="empty",
        description="empty takes nodes without pods away; emptyOrUnderutilized also moves pods to have fewer or "
        "cheaper nodes, which restarts them: a model is loaded anew.",
    )
    after: DurationOrNever = Field(default="10m", description="How long a node must have been so.")
    budgets: Annotated[tuple[DisruptionBudgetSpec, ...], Field(max_length=50)] = Field(
        default=(), description="How many nodes at once; a tenth of the pool where empty. The strictest counts."
    )
