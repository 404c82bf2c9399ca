"""Gates of an upgrade with their verdicts, as text and as a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedplate.output.documents.upgrade import GatesDocument, JudgedDocument
from bedplate.output.lines import BLANK, Line, Lines, Segment, Style, line
from bedplate.output.wording import many
from bedplate.upgrade.judging import Judged

_STYLES: dict[str, Style] = {"open": "good", "closed": "bad", "unknown": "warn"}


def gates_text(environment: str, results: Sequence[Judged]) -> Lines:
    """The verdict on all of them, each with what keeps it closed, and the next command."""
    return Lines(_text(environment, results))


def gates_document(environment: str, results: Sequence[Judged]) -> GatesDocument:
    """The published form (schema `bedplate.gates/v1`)."""
    return {
        "schema": "bedplate.gates/v1",
        "environment": environment,
        "open": all(item.verdict == "open" for item in results),
        "gates": [judged_document(item) for item in results],
    }


def judged_document(item: Judged) -> JudgedDocument:
    """A gate with its verdict."""
    return {
        "kind": item.gate.kind,
        "subject": item.gate.subject,
        "holds": item.gate.title,
        "verdict": item.verdict,
        "reasons": list(item.reasons),
    }


def _text(environment: str, results: Sequence[Judged]) -> Iterator[Line]:
    shut = [item for item in results if item.verdict != "open"]
    if shut:
        verdict = f"{environment}: {len(shut)} of {many(len(results), 'gate')} not open: take no further step"
        yield line(Segment(verdict, "bad"))
    else:
        yield line(Segment(f"{environment}: all {many(len(results), 'gate')} open", "good"))
    for item in results:
        yield line(Segment(item.verdict.ljust(8), _STYLES[item.verdict]), item.gate.title, indent=2)
        for reason in item.reasons:
            yield line(reason, indent=10)
    yield BLANK
    following = (
        f"git revert the commit of the last step, then bedplate apply {environment}; or mend it and ask again"
        if shut
        else f"bedplate upgrade {environment} --next"
    )
    yield line(Segment("next: ", "strong"), following)
