"""What happens to the made-up AWS outside the engine: faults, drift, and the cluster that answers for EKS.

All of it is read from `$FAKE_AWS_DIR`, anew at every call, so that a test can change it while the engine runs:

`faults.json`   list of {"match": part of a URN, "operation": create|update|delete|read, "message": text or null,
                "times": number or null (default: every time), "delaySeconds": number (default 0), "stubborn": bool}.
                The first that matches applies: the call waits, then fails with the message; without a message it
                goes on. A stubborn call waits on when it is told to give up. `times` counts down in the file.
`world.json`    {id: {property: value}} for properties that somebody changed, {id: {property: null}} for those taken
                away, {id: null} for an object that somebody deleted. A change that goes through the provider puts
                the object right, and its entry leaves the file.
`cluster.json`  {"endpoint": URL, "certificateAuthority": base64} of the API server behind every EKS cluster.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tests.support.fakeaws.files import locked, read_json, write_json
from tests.support.fakeaws.wire import Properties

OPERATIONS = ("create", "delete", "read", "update")
FAULTS, WORLD, CLUSTER = "faults.json", "world.json", "cluster.json"
_FAULT_FIELDS = {"delaySeconds", "match", "message", "operation", "stubborn", "times"}


class WorldError(ValueError):
    """A file of the world does not have the form that this module describes."""


@dataclass(frozen=True)
class Fault:
    """A call that takes `delay_seconds`, whoever tells it to give up if it is `stubborn`, and then fails with
    `message`, or goes on when there is none.
    """

    message: str | None
    delay_seconds: float
    stubborn: bool = False


@dataclass(frozen=True)
class Drift:
    """What somebody did to an object outside the engine."""

    gone: bool
    properties: Properties


class World:
    """The files of one folder. Without a folder nothing ever happens."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def fault(self, operation: str, urn: str) -> Fault | None:
        """Return the fault that this call runs into, and count it. Raises WorldError."""
        if self._folder is None or not (self._folder / FAULTS).exists():
            return None
        with locked(self._folder):
            faults = _faults(self._folder / FAULTS)
            for row in faults:
                if row["operation"] == operation and str(row["match"]) in urn and row.get("times") != 0:
                    if row.get("times") is not None:
                        row["times"] = cast(int, row["times"]) - 1
                        write_json(self._folder / FAULTS, faults)
                    delay = float(cast(float, row.get("delaySeconds", 0)))
                    return Fault(cast("str | None", row.get("message")), delay, bool(row.get("stubborn")))
        return None

    def drift(self, identifier: str) -> Drift:
        """Return what somebody did to the object with this id. Raises WorldError."""
        entries = self._object(WORLD)
        if identifier not in entries:
            return Drift(gone=False, properties={})
        entry = entries[identifier]
        if entry is not None and not isinstance(entry, dict):
            message = f"{WORLD}: entry {identifier!r} must be an object of properties, or null for a deleted object"
            raise WorldError(message)
        return Drift(gone=entry is None, properties=entry or {})

    def settle(self, identifier: str) -> None:
        """Forget what somebody did to the object: it was just made, changed or deleted through the provider."""
        if self._folder is None or identifier not in self._object(WORLD):
            return
        with locked(self._folder):
            entries = self._object(WORLD)
            write_json(self._folder / WORLD, {key: entry for key, entry in entries.items() if key != identifier})

    def cluster_access(self) -> Mapping[str, str]:
        """Return endpoint and certificateAuthority of the API server behind EKS, or nothing. Raises WorldError."""
        access = self._object(CLUSTER)
        missing = {"certificateAuthority", "endpoint"} - access.keys()
        if access and missing:
            message = f"{CLUSTER}: missing {', '.join(sorted(missing))}"
            raise WorldError(message)
        return {key: str(value) for key, value in access.items()}

    def _object(self, name: str) -> Properties:
        content = _read(self._folder / name) if self._folder else None
        if content is not None and not isinstance(content, dict):
            message = f"{name}: must hold a JSON object"
            raise WorldError(message)
        return content or {}


def _faults(path: Path) -> list[Properties]:
    rows = _read(path)
    if not isinstance(rows, list):
        message = f"{path.name}: must hold a JSON list of faults"
        raise WorldError(message)
    for index, row in enumerate(rows):
        unknown = set(row) - _FAULT_FIELDS if isinstance(row, dict) else {"(not an object)"}
        if unknown or not {"match", "operation"} <= row.keys() or row["operation"] not in OPERATIONS:
            message = (
                f"{path.name}: fault {index}: needs match and operation ({', '.join(OPERATIONS)}); "
                f"allowed fields: {', '.join(sorted(_FAULT_FIELDS))}"
            )
            raise WorldError(message)
    return rows


def _read(path: Path) -> object:
    try:
        return read_json(path)
    except ValueError as error:
        raise WorldError(str(error)) from None
