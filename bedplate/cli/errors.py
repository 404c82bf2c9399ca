"""Exceptions → what people see: a message that says where, what and what next, and an exit code."""

from __future__ import annotations

import sys
import traceback

from bedplate.model.source import InputError
from bedplate.output.plan import Exit


class CommandError(Exception):
    """A command cannot do what was asked. `exit` is the exit code; the message ends with what to do next."""

    def __init__(self, message: str, exit: Exit = Exit.FAILED) -> None:  # noqa: A002 (the field's name)
        super().__init__(message)
        self.exit = exit


def report(error: Exception, *, debug: bool) -> int:
    """Print `error` on stderr and return the exit code. A traceback is shown only where `debug` is set."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, InputError):
        count = len(error.problems)
        print(f"{count} problem{'' if count == 1 else 's'} in the input", file=sys.stderr)
        print(error, file=sys.stderr)
        return Exit.USAGE
    if isinstance(error, CommandError):
        print(f"error: {error}", file=sys.stderr)
        return error.exit
    print(f"error: {type(error).__name__}: {error}", file=sys.stderr)
    if not debug:
        print("this is a defect of bedplate; `bedplate --debug …` shows where", file=sys.stderr)
    return Exit.FAILED
