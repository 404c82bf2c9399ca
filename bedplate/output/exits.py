"""Exit codes: which exist, which one wins, and the reasons behind one. See docs/reference/exit-codes.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bedplate.output.documents.plan import ReasonDocument, ReasonId


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    CHANGES = 3
    POLICY = 4
    BUDGET_OR_CAPACITY = 5
    DRIFT = 6
    INTEGRITY = 7
    INTERRUPTED = 130


# Where several hold, the first of these wins.
PRECEDENCE = (Exit.USAGE, Exit.FAILED, Exit.INTEGRITY, Exit.POLICY, Exit.BUDGET_OR_CAPACITY, Exit.DRIFT, Exit.CHANGES)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that decides the exit code. `id` is stable; `text` is for people."""

    id: ReasonId
    exit: Exit
    text: str

    def to_json(self) -> ReasonDocument:
        return {"id": self.id, "exit": int(self.exit), "text": self.text}

    @property
    def blocks(self) -> bool:
        """Whether apply would refuse because of it."""
        return self.exit not in (Exit.OK, Exit.CHANGES)


def winner(reasons: Iterable[Reason], *, detailed: bool) -> Exit:
    """The exit code that `reasons` lead to. Changes count only where `detailed` (--detailed-exitcode) is set."""
    return worst(reason.exit for reason in reasons if detailed or reason.exit is not Exit.CHANGES)


def worst(codes: Iterable[Exit]) -> Exit:
    """The one of `codes` that wins; OK where there is none."""
    held = set(codes)
    return next((code for code in PRECEDENCE if code in held), Exit.OK)
