"""A run of an upgrade as text and as a document."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.output.documents.upgrade import UpgradeRunDocument
from bedplate.output.exits import Exit
from bedplate.output.gates import judged_document
from bedplate.output.lines import BLANK, Line, Lines, Segment, Style, line
from bedplate.output.wording import many
from bedplate.upgrade.runs import Run

_WORDS = {"taken": "taken", "takenBack": "taken back", "stuck": "stuck"}
_STYLES: dict[str, Style] = {"taken": "good", "takenBack": "warn", "stuck": "bad"}


def run_exit(run: Run) -> Exit:
    """0 where the run did what it was asked for, 1 where a step stopped it."""
    return Exit.OK if run.succeeded else Exit.FAILED


def run_text(run: Run) -> Lines:
    """The verdict, every step with how it ended, why it went no further, and the next command."""
    return Lines(_text(run))


def run_document(run: Run) -> UpgradeRunDocument:
    """The published form (schema `bedplate.upgrade-run/v1`)."""
    return {
        "schema": "bedplate.upgrade-run/v1",
        "environment": run.environment,
        "target": run.target,
        "outcome": run.outcome,
        "exit": int(run_exit(run)),
        "verdict": _verdict(run),
        "reason": run.reason,
        "wayBack": run.way_back,
        "gates": [judged_document(item) for item in run.gates],
        "steps": [
            {
                "id": step.id,
                "title": step.title,
                "result": step.result,
                "commit": step.commit,
                "layers": list(step.layers),
            }
            for step in run.steps
        ],
        "left": list(run.left),
    }


def _text(run: Run) -> Iterator[Line]:
    yield line(Segment(_verdict(run), "good" if run.succeeded else "bad"))
    for step in run.steps:
        layers = f" ({', '.join(step.layers)})" if step.layers else ""
        yield line(
            Segment(_WORDS[step.result].ljust(11), _STYLES[step.result]),
            f"{step.title}{layers}  {step.commit[:7]}",
            indent=2,
        )
    if run.reason:
        yield line(Segment("why".ljust(11), "dim"), run.reason, indent=2)
    if run.way_back:
        yield line(Segment("back".ljust(11), "dim"), run.way_back, indent=2)
    yield BLANK
    yield line(Segment("next: ", "strong"), _next(run))


def _verdict(run: Run) -> str:
    name, taken = run.environment, sum(step.result == "taken" for step in run.steps)
    last = run.steps[-1].id if run.steps else ""
    left = f"{many(len(run.left), 'step')} to go"
    if run.outcome == "arrived":
        return f"{name}: at baseline {run.target}, {many(taken, 'step')} taken"
    if run.outcome == "paused":
        return f"{name}: {many(taken, 'step')} taken, as far as was asked for; {left}"
    if run.outcome == "stopped":
        return f"{name}: stopped before {run.left[0] if run.left else 'the first step'}; {left}"
    if run.outcome == "takenBack":
        return f"{name}: {last} failed and was taken back: everything is as it was before it; {left}"
    return f"{name}: {last} failed and is not taken back; {left}"


def _next(run: Run) -> str:
    again = f"bedplate upgrade {run.environment} --to {run.target} --run"
    if run.outcome == "arrived":
        return f"bedplate plan {run.environment}"
    if run.outcome == "paused":
        return again
    return f"mend what is wrong, then {again}; bedplate upgrade {run.environment} --check-gates tells how it stands"
