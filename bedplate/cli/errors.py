"""Exceptions → what people see: a message that says where, what and what next, and an exit code."""

from __future__ import annotations

import json
import sys
import traceback

from bedplate.engine.automation import EngineError
from bedplate.extensions.code import place_of
from bedplate.graph.graph import GraphError
from bedplate.model.source import InputError
from bedplate.output.exits import Exit

_DEFECT = "this is a defect of bedplate; `bedplate --debug …` shows where"


class CommandError(Exception):
    """A command cannot do what was asked. `exit` is the exit code; the message ends with what to do next."""

    def __init__(self, message: str, exit: Exit = Exit.FAILED) -> None:  # noqa: A002 (the field's name)
        super().__init__(message)
        self.exit = exit


def described(error: BaseException) -> str:
    """What to tell people about `error`."""
    if isinstance(error, InputError):
        count = len(error.problems)
        return f"{count} problem{'' if count == 1 else 's'} in the input\n{error}"
    if isinstance(error, CommandError | EngineError | GraphError):
        return f"error: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"error: {f'{error.filename}: ' if error.filename else ''}{error.strerror}"
    place = place_of(error.__traceback__)
    return f"error: {f'{place}: ' if place else ''}{type(error).__name__}: {error}"


def exit_of(error: BaseException) -> Exit:
    """The exit code that `error` leads to."""
    if isinstance(error, InputError | GraphError):
        return Exit.USAGE
    return error.exit if isinstance(error, CommandError) else Exit.FAILED


def report(error: BaseException, *, debug: bool, as_json: bool = False) -> int:
    """Say `error` on stderr, and as JSON on stdout where asked for; return the exit code.

    A traceback is shown only where `debug` is set.
    """
    if debug:
        traceback.print_exception(error)
    print(described(error), file=sys.stderr)
    known = isinstance(error, InputError | CommandError | EngineError | GraphError | OSError)
    if not known and not debug and place_of(error.__traceback__) is None:
        print(_DEFECT, file=sys.stderr)
    if as_json:
        print_error(described(error), exit_of(error))
    return exit_of(error)


def print_error(message: str, code: Exit) -> None:
    """The error document (`bedplate.error/v1`) on stdout: what `--json` gives where there is nothing else to give."""
    document = {"schema": "bedplate.error/v1", "exit": int(code), "reason": _REASONS[code], "message": message}
    print(json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False))


_REASONS = {
    Exit.FAILED: "failed",
    Exit.USAGE: "input",
    Exit.POLICY: "policy",
    Exit.BUDGET_OR_CAPACITY: "budget or capacity",
    Exit.DRIFT: "drift",
    Exit.INTEGRITY: "integrity",
    Exit.INTERRUPTED: "interrupted",
}
