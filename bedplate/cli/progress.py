"""Progress of an engine run on stderr: a live line on a terminal, one line per finished phase elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bedplate.cli.failures import label
from bedplate.engine.events import QUIET, Diagnostic, Event, Phase, StepDone, StepFailed, StepStarted
from bedplate.graph.graph import Graph


class EngineProgress:
    """Shows what the engine is doing, out of `total` resources. Warnings and failures are printed as they come."""

    def __init__(self, title: str, total: int, graph: Graph) -> None:
        self._title = title
        self._graph = graph
        self._console = Console(stderr=True, highlight=False)
        self._live = sys.stderr.isatty()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[current]}"),
            console=self._console,
            transient=True,
            disable=not self._live,
        )
        self._task = self._progress.add_task(title, total=total, current="")

    def __enter__(self) -> Self:
        if not self._live:
            self._say(f"{self._title} …")
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        """Take one event of the engine."""
        match event:
            case StepStarted(op=op, urn=urn) if op not in QUIET:
                self._progress.update(self._task, current=f"{op} {self._label(urn)}")
            case StepDone():
                self._progress.advance(self._task)
            case Phase():
                self._progress.reset(self._task)
            case StepFailed(op=op, urn=urn):
                self._say(f"failed: {op} {self._label(urn)}", style="red")
            case Diagnostic(severity="warning", message=message):
                self._say(f"warning: {message}", style="yellow")

    def _say(self, text: str, style: str = "") -> None:
        """One line, however long: whoever reads a log wants it whole."""
        self._console.print(text, style=style, markup=False, soft_wrap=True)

    def _label(self, urn: str) -> str:
        return label(urn, self._graph)
