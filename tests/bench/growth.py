"""How a plan's steps grow with the size of the environment."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# A linear step takes 4 times as long at 4 times the size, a quadratic one 16 times.
GROWTH_GOAL = 5.0


@dataclass(frozen=True, slots=True)
class Steps:
    """One environment: resources registered and in all, CPU seconds by step, and those of as many bare resources."""

    registered: int
    total: int
    seconds: Mapping[str, float]
    bare: float

    @property
    def sum(self) -> float:
        """CPU seconds of all steps."""
        return sum(self.seconds.values())

    @property
    def record_ratio(self) -> float:
        """The program and the recorder, as a multiple of recording as many bare resources."""
        return self.seconds["record"] / self.bare


def least(runs: Sequence[Steps]) -> Steps:
    """The least of each step over several runs of one environment."""
    first = runs[0]
    seconds = {step: min(run.seconds[step] for run in runs) for step in first.seconds}
    return Steps(first.registered, first.total, seconds, min(run.bare for run in runs))


def growth(smaller: Steps, larger: Steps) -> float:
    """Time at four times the size, out of two sizes whatever they are: 4 to the power that fits both."""
    return 4 ** (math.log(larger.sum / smaller.sum) / math.log(larger.total / smaller.total))
