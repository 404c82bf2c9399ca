"""Waiting for EKS to bring the nodes of a group to its version: a node simulator does it, where one follows the folder.

`updates/<id>.json`  {"group": "<cluster>.<node group>", "force": bool, "status": "InProgress"}, by the provider. The
                     simulator answers in the same file: status Successful, or Failed with "errors", a list of
                     {"errorCode", "errorMessage", "resourceIds"} as EKS gives them.
`updates/followed`   there as long as a simulator is: without one every update ends well at once.
"""

import threading
import uuid
from pathlib import Path
from typing import cast

from tests.support.fakeaws.files import read_json, write_json
from tests.support.fakeaws.wire import Properties

UPDATES = "updates"
FOLLOWED = "followed"
IN_PROGRESS, SUCCESSFUL, FAILED = "InProgress", "Successful", "Failed"
_POLL_SECONDS = 0.1


class NodeUpdateError(Exception):
    """An update of a node group failed. The text is EKS's: code, message and what it is about."""


class NobodyWaitedError(Exception):
    """The caller gave up waiting. EKS goes on with the update."""


class NodeUpdates:
    """Asks the simulator that follows `folder`, if there is one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder / UPDATES if folder else None

    def run(self, group: str, *, force: bool, given_up: threading.Event) -> None:
        """Wait until the nodes of `group` (`<cluster>.<node group>`) are as its file says.

        `force` deletes pods that their disruption budget keeps. Raises NodeUpdateError, or NobodyWaitedError when
        `given_up` is set.
        """
        if self._folder is None or not (self._folder / FOLLOWED).exists():
            return
        path = self._folder / f"{uuid.uuid4()}.json"
        write_json(path, {"group": group, "force": force, "status": IN_PROGRESS})
        while (update := cast(Properties, read_json(path)))["status"] == IN_PROGRESS:
            if given_up.wait(_POLL_SECONDS):
                raise NobodyWaitedError(f"the update of {group} goes on, and nobody waits for it")
            if not (self._folder / FOLLOWED).exists():
                raise NodeUpdateError(f"the node simulator went away during the update of {group}")
        if update["status"] != SUCCESSFUL:
            raise NodeUpdateError("; ".join(_text(error) for error in cast(list[Properties], update["errors"])))


def _text(error: Properties) -> str:
    about = ", ".join(str(item) for item in cast(list[object], error["resourceIds"]))
    return f"{about}: {error['errorCode']}: {error['errorMessage']}"
