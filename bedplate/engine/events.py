"""The engine's event log: JSON lines from `pulumi … --event-log`, as typed events.

The log holds whole resource states, so it goes through a private pipe and is never printed as it is.
"""

from __future__ import annotations

import json
import os
import select
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

from bedplate.graph.values import SECRET, UNKNOWN, Json, thaw

# How the engine writes what it does not know yet, and what it must not show: masked text, or a mapping that this key
# marks as more than plain data.
_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SECRET_TEXT = "[secret]"
_SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"

# Operations that leave a resource as it is.
QUIET = frozenset({"same", "read", "refresh"})


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The engine is about to do `op` to a resource. `inputs` are those after the provider's Check."""

    op: str
    urn: str
    type: str
    inputs: Mapping[str, Json] | None
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepDone:
    """`op` is done."""

    op: str
    urn: str


@dataclass(frozen=True, slots=True)
class StepFailed:
    """`op` failed; the reason comes as a `Diagnostic`."""

    op: str
    urn: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What the engine, a provider or the program has to say: info, warning or error."""

    severity: str
    urn: str
    message: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The end: how many resources each operation happened to."""

    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Phase:
    """A run begins: what follows is a preview or an update. `up` has both, one after the other."""


Event = StepStarted | StepDone | StepFailed | Diagnostic | Summary | Phase

_WAIT_SECONDS = 0.2
_CHUNK = 1 << 16


class EventPipe:
    """A named pipe in place of the log file: events arrive as they happen, and nothing lies on disk.

    It also holds when the CLI writes its log twice, as `up` does for its preview and its update: a file would be
    truncated in between, while it is being read.
    """

    def __init__(self, path: Path) -> None:
        """Make the pipe at `path`, which must not exist."""
        os.mkfifo(path, 0o600)
        self.path = path
        self._reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        # A writer of our own: without one the pipe would end each time that the CLI closes it.
        self._writer = os.open(path, os.O_WRONLY)
        # A line of which the end has not come yet: it stays here when whoever follows stops in between.
        self._rest = b""

    def follow(self, process: Popen[str]) -> Iterator[Event]:
        """Events until `process` has ended and the pipe is empty. May be called again to follow on."""
        while True:
            ended = process.poll() is not None
            ready, _, _ = select.select([self._reader], [], [], 0 if ended else _WAIT_SECONDS)
            if not ready:
                if ended:
                    return
                continue
            self._rest += os.read(self._reader, _CHUNK)
            while b"\n" in self._rest:
                line, _, self._rest = self._rest.partition(b"\n")
                event = parse(json.loads(line)) if line.strip() else None
                if event is not None:
                    yield event

    def close(self) -> None:
        """Close both ends and remove the pipe."""
        os.close(self._writer)
        os.close(self._reader)
        self.path.unlink()


def parse(data: Mapping[str, Any]) -> Event | None:
    """One line of the log as an event; None for kinds that say nothing to us."""
    if "resourcePreEvent" in data:
        step = data["resourcePreEvent"]["metadata"]
        new = step.get("new")
        inputs = as_graph_json(new["inputs"]) if new and "inputs" in new else None
        changed = tuple(sorted(step.get("detailedDiff") or step.get("diffs") or ()))
        return StepStarted(step["op"], step["urn"], step["type"], inputs, changed)
    if "resOutputsEvent" in data:
        step = data["resOutputsEvent"]["metadata"]
        return StepDone(step["op"], step["urn"])
    if "resOpFailedEvent" in data:
        step = data["resOpFailedEvent"]["metadata"]
        return StepFailed(step["op"], step["urn"])
    if "diagnosticEvent" in data:
        said = data["diagnosticEvent"]
        if said["severity"] == "debug" or said.get("ephemeral"):
            return None
        return Diagnostic(said["severity"].removeprefix("#"), said.get("urn", ""), _plain(said["message"]))
    if "preludeEvent" in data:
        return Phase()
    if "summaryEvent" in data:
        return Summary(dict(data["summaryEvent"].get("resourceChanges") or {}))
    return None


def as_graph_json(value: Json) -> Json:
    """A value of the log with the Graph's marks for unknown and secret, and whole numbers as int."""
    if isinstance(value, dict):
        if value.get(_SIGNATURE_KEY) == _SECRET_SIGNATURE:
            return thaw(SECRET)
        return {key: as_graph_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_graph_json(item) for item in value]
    if value == _UNKNOWN_TEXT:
        return thaw(UNKNOWN)
    if value == _SECRET_TEXT:
        return thaw(SECRET)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _plain(message: str) -> str:
    """A message without the engine's colour marks such as ``<{%reset%}>``."""
    out, rest = "", message
    while "<{%" in rest:
        before, _, rest = rest.partition("<{%")
        _, _, rest = rest.partition("%}>")
        out += before
    return (out + rest).strip()
