"""What a run of the engine that failed has to say, in its own words, with the resource that each word is about."""

from __future__ import annotations

from bedplate.cli.errors import CommandError
from bedplate.engine.automation import Outcome
from bedplate.graph.diff import object_label
from bedplate.graph.graph import Graph


def require(outcome: Outcome, message: str, graph: Graph, also: tuple[str, ...] = ()) -> None:
    """Raise CommandError with `message`, what the engine said and the lines `also`, unless the run went well."""
    if outcome.succeeded and not also:
        return
    lines = [line for text in (*_said(outcome, graph), *also) for line in text.splitlines()]
    raise CommandError("\n  ".join((message, *lines)))


def label(urn: str, graph: Graph) -> str:
    """How people call the resource `urn`, where `graph` knows it; its name in the program, else."""
    return object_label(graph[urn]) if urn in graph else urn.rpartition("::")[2]


def _said(outcome: Outcome, graph: Graph) -> tuple[str, ...]:
    errors = [f"{label(error.urn, graph)}: {error.message}" if error.urn else error.message for error in outcome.errors]
    if not errors and not outcome.succeeded:
        errors = [line.strip().removeprefix("error: ") for line in outcome.last_lines.splitlines() if line.strip()]
    return tuple(dict.fromkeys(errors))
