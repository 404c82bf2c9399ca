"""Lines for the approvals that a change needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedplate.output.approvals import Approval
from bedplate.output.lines import BLANK, Line, Segment, heading, indented, line, table
from bedplate.output.wording import listed, many

_NAMED = 3
NOBODY = "nobody is named"


def approval_lines(approvals: Sequence[Approval]) -> Iterator[Line]:
    """The section on approvals; nothing where none is needed, one line where nobody is named for any."""
    if not approvals:
        return
    yield BLANK
    if not any(item.approvers for item in approvals):
        yield line(Segment("Approvals", "strong"), Segment(f"  {NOBODY} (ownership.decisionRights)", "warn"))
        return
    yield heading("Approvals", f"{many(len(approvals), 'approval')} needed, each from any one of those named")
    rows = [(_path(item), _who(item), listed(item.subjects, most=_NAMED)) for item in approvals]
    yield from indented(table(("path", "from", "for"), rows), 2)


def _path(item: Approval) -> str:
    return f"{item.area} · team {item.team}" if item.team else item.area


def _who(item: Approval) -> str | Segment:
    return " ".join(item.approvers) or Segment(NOBODY, "warn")
