"""How long something is supported, seen from one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

SupportStatus = Literal["standard", "extended", "ended", "unknown"]


@dataclass(frozen=True, slots=True)
class Support:
    """The phase of support on a day.

    `ends` is the last day of the present phase and `days_left` how many whole days there are until then (0 on the last
    day itself); after the end `ends` is the day on which all support ended. Both are None where nothing is known.
    """

    status: SupportStatus
    ends: date | None = None
    days_left: int | None = None
