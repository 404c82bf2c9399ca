"""How a run of an upgrade ended: which steps were taken, and why it went no further. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from bedplate.upgrade.judging import Judged

Outcome: TypeAlias = Literal["arrived", "paused", "stopped", "takenBack", "stuck"]
"""arrived: the environment has the baseline. paused: as far as was asked for. stopped: before a step, nothing is
under way. takenBack: a step failed, and everything is as it was before it. stuck: a step failed, and is not taken
back."""

Result: TypeAlias = Literal["taken", "takenBack", "stuck"]
"""How a step ended: applied, with all gates open; as before it; or neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStep:
    """A step that the run took, or found taken. `layers` are those that it changed; `commit` is where it stands."""

    id: str
    title: str
    commit: str
    layers: tuple[str, ...]
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run towards `target`. `left` are the steps that are still to go.

    `reason` says why it ended where it did, empty where it did what it was asked for; `gates` are those that were not
    open; `way_back` says of a step that is stuck how it is taken back.
    """

    environment: str
    target: str
    outcome: Outcome
    steps: tuple[RunStep, ...]
    left: tuple[str, ...] = ()
    reason: str = ""
    gates: tuple[Judged, ...] = ()
    way_back: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether it did what it was asked for."""
        return self.outcome in ("arrived", "paused")
