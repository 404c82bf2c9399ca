"""The test's side of the fake `pulumi`: set what it answers, and read how it was called."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, is_secret, is_unknown

PROGRAM = Path(__file__).with_name("program.py")

# How the real engine writes what is known only after apply, and what must not be shown.
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}

LogLine: TypeAlias = Mapping[str, Any]

PRELUDE: LogLine = {"preludeEvent": {"config": {}}}
"""How each phase begins."""


class FakePulumi:
    """A `pulumi` in `folder`/bin. Without answers it knows no stack, and every run finds nothing to do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir(parents=True)
        nothing: dict[str, Any] = {"phases": [[]], "exit": 0, "output": "", "waits": False, "afterwards": ""}
        nothing["stubborn"] = False
        runs = dict.fromkeys(("preview", "up", "destroy"), nothing)
        world = {"stacks": [], "resources": [], "refuses": {}, "runs": runs, "backends": {}, "loses": False}
        self._write(world)
        launcher = self.programs / "pulumi"
        command = shlex.join([sys.executable, "-S", "-E", str(PROGRAM), str(folder)])
        launcher.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        launcher.chmod(0o755)

    def stack(self, name: str, *urns: str) -> None:
        """Let the backend know one stack, whose state holds `urns` beside the stack's own resource."""
        own = f"urn:pulumi:dev::bedplate::pulumi:pulumi:Stack::bedplate-{name}"
        resources = [{"urn": urn, "type": urn.split("::")[2].rpartition("$")[2]} for urn in (own, *urns)]
        self._write({**self._read(), "stacks": [name], "resources": resources})

    def state(self, backend: str, stack: str, *resources: Mapping[str, Any], **more: Any) -> None:
        """Let `backend` hold `stack` with these resources. From then on each backend has stacks of its own."""
        world = self._read()
        world["backends"].setdefault(backend, {})[stack] = {"resources": list(resources), **more}
        self._write(world)

    def held(self, backend: str, stack: str) -> dict[str, Any]:
        """The deployment of `stack` in `backend`; empty where there is none."""
        found: dict[str, Any] = self._read()["backends"].get(backend, {}).get(stack, {})
        return found

    def loses_imports(self) -> None:
        """Let `pulumi stack import` say yes and keep nothing."""
        self._write({**self._read(), "loses": True})

    def refuse(self, command: str, message: str) -> None:
        """Let `pulumi stack <command>`, or `pulumi cancel`, fail."""
        self._write({**self._read(), "refuses": {command: message}})

    def answer(
        self,
        run: str,
        *phases: Sequence[LogLine],
        exit_code: int = 0,
        output: str = "",
        waits: bool = False,
        afterwards: str = "",
        stubborn: bool = False,
    ) -> None:
        """Let `run` (preview, up or destroy) write `phases` to its event log, and end with `exit_code`.

        With `waits` it then goes on until it is interrupted, and writes `afterwards` to the log before it ends. One
        that is `stubborn` takes no notice.
        """
        world = self._read()
        made = {"phases": [list(phase) for phase in phases], "exit": exit_code, "output": output}
        world["runs"][run] = {**made, "waits": waits, "afterwards": afterwards, "stubborn": stubborn}
        self._write(world)

    @property
    def is_waiting(self) -> bool:
        """Whether a run has come to the point where it waits for an interrupt."""
        return (self.folder / "waiting").exists()

    @property
    def is_stubborn(self) -> bool:
        """Whether a run has been interrupted, and goes on."""
        return (self.folder / "stubborn").exists()

    @property
    def has_ended(self) -> bool:
        """Whether that run was interrupted, and came to its end."""
        return (self.folder / "ended").exists()

    def calls(self) -> list[list[str]]:
        """Arguments of every call so far."""
        return [call["arguments"] for call in self._calls()]

    def runs(self) -> list[str]:
        """What was asked for, without questions about stacks: ``stack init``, ``preview``, ``up`` …"""
        asked = [f"stack {call[1]}" if call[0] == "stack" else call[0] for call in self.calls()]
        return [name for name in asked if name not in ("stack ls", "stack export")]

    def backends(self) -> set[str]:
        """Every PULUMI_BACKEND_URL that it was called with."""
        return {call["backend"] for call in self._calls()}

    def _calls(self) -> list[dict[str, Any]]:
        path = self.folder / "calls.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def _read(self) -> dict[str, Any]:
        world: dict[str, Any] = json.loads((self.folder / "world.json").read_text(encoding="utf-8"))
        return world

    def _write(self, world: Mapping[str, Any]) -> None:
        (self.folder / "world.json").write_text(json.dumps(world), encoding="utf-8")


def steps(graph: Graph, operation: str = "create", others: Mapping[str, str] | None = None) -> list[LogLine]:
    """One phase of a run of the program behind `graph`: `operation` for each resource, or what `others` say by URN.

    Resources that `others` name and `graph` does not hold are there without inputs, as the engine shows deletions.
    """
    by_urn = dict(others or {})
    registered = [resource for resource in graph if resource.derived_from is None and not resource.writer]
    lines = [_step(by_urn.pop(resource.urn, operation), resource) for resource in registered]
    lines += [_line(name, urn, urn.split("::")[2].rpartition("$")[2], None) for urn, name in by_urn.items()]
    counts: dict[str, int] = {}
    for line in lines:
        name = line["resourcePreEvent"]["metadata"]["op"]
        counts[name] = counts.get(name, 0) + 1
    return [PRELUDE, *lines, {"summaryEvent": {"resourceChanges": counts}}]


def error(message: str, urn: str = "") -> LogLine:
    """A diagnostic of severity error."""
    return {"diagnosticEvent": {"severity": "error", "urn": urn, "message": f"{message}\n"}}


def _step(operation: str, resource: Resource) -> LogLine:
    return _line(operation, resource.urn, resource.type, _wire(resource.inputs))


def _line(operation: str, urn: str, type_: str, inputs: Json) -> LogLine:
    new = None if inputs is None else {"type": type_, "urn": urn, "inputs": inputs}
    return {"resourcePreEvent": {"metadata": {"op": operation, "urn": urn, "type": type_, "new": new}}}


def _wire(value: Json) -> Json:
    if is_unknown(value):
        return _UNKNOWN
    if is_secret(value):
        return _SECRET
    if isinstance(value, Mapping):
        return {key: _wire(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_wire(item) for item in value]
    return value
