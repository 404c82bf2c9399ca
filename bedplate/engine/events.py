"""The engine's event log: JSON lines from `pulumi … --event-log`, as typed events.

The log holds whole resource states, so it stays in a private temporary folder and is never printed as it is.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

from bedplate.graph.values import SECRET, UNKNOWN, Json, thaw

# How the engine writes what it does not know yet, and what it must not show.
_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SECRET_TEXT = "[secret]"

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


Event = StepStarted | StepDone | StepFailed | Diagnostic | Summary

_POLL_SECONDS = 0.1


def follow(path: Path, process: Popen[str]) -> Iterator[Event]:
    """Events of `path` while `process` writes them, until it has ended and everything is read."""
    rest = ""
    position = 0
    while True:
        ended = process.poll() is not None
        if path.exists():
            with path.open(encoding="utf-8") as log:
                log.seek(position)
                rest += log.read()
                position = log.tell()
        *lines, rest = rest.split("\n")
        for line in lines:
            event = parse(json.loads(line)) if line.strip() else None
            if event is not None:
                yield event
        if ended:
            return
        time.sleep(_POLL_SECONDS)


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
    if "summaryEvent" in data:
        return Summary(dict(data["summaryEvent"].get("resourceChanges") or {}))
    return None


def as_graph_json(value: Json) -> Json:
    """A value of the log with the Graph's marks for unknown and secret, and whole numbers as int."""
    if isinstance(value, dict):
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
