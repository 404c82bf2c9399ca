"""Writing lines to stdout: styled on a terminal, plain text everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.text import Text

from bedplate.output.lines import Lines, Style

_LOOKS: Mapping[Style, str] = {
    "": "",
    "strong": "bold",
    "dim": "dim",
    "good": "green",
    "bad": "bold red",
    "warn": "yellow",
    "create": "green",
    "update": "yellow",
    "replace": "bold magenta",
    "delete": "bold red",
}


def show(lines: Lines, *, plain: bool, stream: TextIO | None = None) -> None:
    """Write `lines` to `stream` (stdout). No escape codes with `plain`, NO_COLOR or where it is no terminal.

    Lines are never wrapped here: a terminal does that itself, and a pipe wants them whole.
    """
    target = stream or sys.stdout
    console = Console(file=target, highlight=False, markup=False, emoji=False, soft_wrap=True)
    if plain or console.no_color or not console.is_terminal:
        target.write(lines.plain)
        target.flush()
        return
    for item in lines:
        text = Text()
        for segment in item:
            text.append(segment.text, style=_LOOKS[segment.style])
        console.print(text)
