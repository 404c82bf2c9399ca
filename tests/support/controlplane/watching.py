"""What happens to nodes, event by event, as the API server tells it: how much can run at every moment."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.controlplane.manifests import Manifest, has_condition

_SECONDS = 600.0

Nodes = Mapping[str, Manifest]


@dataclass(frozen=True, slots=True)
class Moment:
    """All nodes of the cluster after an event."""

    nodes: Nodes

    def sum(self, resource: str, *, open_only: bool = False) -> int:
        """`resource` that Ready nodes offer together; of those alone that take new pods, where `open_only` is set."""
        return sum(
            int(node["status"].get("allocatable", {}).get(resource, "0"))
            for node in self.nodes.values()
            if has_condition(node, "Ready") and not (open_only and node["spec"].get("unschedulable"))
        )


class NodeWatch:
    """Follows the nodes of one API server in a thread, from `start` to `stop`. `moments` holds one for each event."""

    def __init__(self, endpoint: str, token: str, ca_file: Path) -> None:
        self._address = urlsplit(endpoint).netloc
        self._headers = {"Authorization": f"Bearer {token}"}
        self._tls = ssl.create_default_context(cafile=str(ca_file))
        self._thread = threading.Thread(target=self._run, name="node-watch", daemon=True)
        self._changed = threading.Condition()
        self._nodes: dict[str, Manifest] = {}
        self._stopping = False
        self._connection: http.client.HTTPSConnection | None = None
        self.moments: list[Moment] = []
        self.failure: Exception | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping = True
        if self._connection is not None and self._connection.sock is not None:
            self._connection.sock.shutdown(2)
        self._thread.join(_SECONDS)

    def wait(self, what: str, holds: Callable[[Moment], bool], deadline: float) -> Moment:
        """The first moment from now on, the present one included, at which `holds` is true.

        Raises:
            AssertionError: none within `deadline` seconds.
        """
        found: list[Moment] = []

        def seen() -> bool:
            if self.failure is not None:
                raise AssertionError(f"the watch of the nodes broke: {self.failure}")
            found[:] = [moment for moment in self.moments[first:] if holds(moment)][:1]
            return bool(found)

        with self._changed:
            first = max(0, len(self.moments) - 1)
            if not self._changed.wait_for(seen, deadline):
                raise AssertionError(f"{what}: not within {deadline:g} s")
        return found[0]

    def _run(self) -> None:
        try:
            listed = json.loads(self._open("/api/v1/nodes").read())
            self._nodes = {item["metadata"]["name"]: item for item in listed["items"]}
            self._note()
            version = listed["metadata"]["resourceVersion"]
            answer = self._open(f"/api/v1/nodes?watch=1&resourceVersion={version}")
            while line := answer.readline():
                self._take(json.loads(line))
        except (OSError, http.client.HTTPException, ValueError) as error:
            if not self._stopping:
                self.failure = error
                self._note()

    def _open(self, path: str) -> http.client.HTTPResponse:
        self._connection = http.client.HTTPSConnection(self._address, context=self._tls, timeout=_SECONDS)
        self._connection.request("GET", path, headers=self._headers)
        return self._connection.getresponse()

    def _take(self, event: Mapping[str, Any]) -> None:
        name = event["object"]["metadata"]["name"]
        if event["type"] == "DELETED":
            self._nodes.pop(name, None)
        else:
            self._nodes[name] = event["object"]
        self._note()

    def _note(self) -> None:
        with self._changed:
            self.moments.append(Moment(dict(self._nodes)))
            self._changed.notify_all()
