"""One side of a comparison, as it came out of a rendering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bedplate.output.documents.review import ReviewDocument


@dataclass(frozen=True, slots=True)
class Side:
    """An environment at one commit: its review, None where it does not exist, or why it cannot be rendered."""

    review: ReviewDocument | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Base:
    """What a plan is compared with. `review` is its document, None where the environment did not exist.

    `commit` is the whole id of the commit, None where the plan is compared with nothing.
    """

    label: str
    review: ReviewDocument | None
    notes: tuple[str, ...] = ()
    commit: str | None = None
