"""What a run of the engine that failed has to say, in its own words, with the resource that each word is about."""

from __future__ import annotations

from bedplate.cli.errors import CommandError
from bedplate.engine.automation import Killed, Outcome
from bedplate.graph.diff import object_label
from bedplate.graph.graph import Graph
from bedplate.output.exits import Exit


def require(outcome: Outcome, message: str, graph: Graph, also: tuple[str, ...] = ()) -> None:
    """Raise CommandError with `message`, what the engine said and the lines `also`, unless the run went well."""
    if outcome.succeeded and not also:
        return
    lines = [line for text in (*_said(outcome, graph), *also) for line in text.splitlines()]
    raise CommandError("\n  ".join((message, *lines)))


def interrupted(error: KeyboardInterrupt, stack: str, done: str, again: str) -> CommandError:
    """What to say after an interrupt of a run on `stack`, which may be `done` in part, and is to be run `again`."""
    if not isinstance(error, Killed):
        return CommandError(f"interrupted: {stack} may be {done} in part; run `{again}` again", Exit.INTERRUPTED)
    text = f"killed: {stack} is {done} in part, and what was under way is not in its state; run `{again}` again, "
    text += "and look at what it says of interrupted operations"
    if not error.unlocked:
        text += f"; the lock is left: `pulumi cancel --stack {stack}` takes it away first"
    return CommandError(text, Exit.INTERRUPTED)


def label(urn: str, graph: Graph) -> str:
    """How people call the resource `urn`, where `graph` knows it; its name in the program, else."""
    return object_label(graph[urn]) if urn in graph else urn.rpartition("::")[2]


def _said(outcome: Outcome, graph: Graph) -> tuple[str, ...]:
    errors = [f"{label(error.urn, graph)}: {error.message}" if error.urn else error.message for error in outcome.errors]
    if not errors and not outcome.succeeded:
        errors = [line.strip().removeprefix("error: ") for line in outcome.last_lines.splitlines() if line.strip()]
    return tuple(dict.fromkeys(errors))
