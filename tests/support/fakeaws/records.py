"""What the provider did, written into `$FAKE_AWS_DIR` for tests and for the node simulator.

`journal.jsonl`                          one line per create, update and delete that took place:
                                         {"operation", "urn", "type", "id"}
`nodegroups/<cluster>.<node group>.json` inputs of every EKS node group that exists, secrets masked
"""

import json
import os
import re
from pathlib import Path

from tests.support.fakeaws.files import read_json, write_json
from tests.support.fakeaws.wire import Properties, masked

JOURNAL = "journal.jsonl"
NODE_GROUPS = "nodegroups"
NODE_GROUP_TYPE = "aws:eks/nodeGroup:NodeGroup"
# The names that EKS allows, which are also safe as file names.
_EKS_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,99}")


class Records:
    """The records of one folder. Without a folder only the number of creations is kept, for one process."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._creations: dict[str, int] = {}
        for line in self._journal_lines():
            self._count(line["operation"], line["urn"])

    def creations(self, urn: str) -> int:
        """Return how many objects of this URN have been made so far."""
        return self._creations.get(urn, 0)

    def note(self, operation: str, urn: str, resource_type: str, identifier: str) -> None:
        """Add one line to the journal."""
        self._count(operation, urn)
        if self._folder is None:
            return
        line = json.dumps({"operation": operation, "urn": urn, "type": resource_type, "id": identifier})
        self._folder.mkdir(parents=True, exist_ok=True)
        # One short write in append mode: lines of several processes never mix.
        descriptor = os.open(self._folder / JOURNAL, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, f"{line}\n".encode())
        finally:
            os.close(descriptor)

    def keep_node_group(self, identifier: str, inputs: Properties) -> None:
        """Write the file of a node group that was made or changed. `identifier` is `<cluster>:<node group>`."""
        cluster, name = _node_group_names(identifier)
        if self._folder is not None:
            visible = {key: masked(value) for key, value in inputs.items() if not key.startswith("__")}
            write_json(self._node_group_file(identifier), {**visible, "clusterName": cluster, "nodeGroupName": name})

    def drop_node_group(self, identifier: str) -> None:
        """Remove the file of a node group that was deleted."""
        if self._folder is not None:
            self._node_group_file(identifier).unlink(missing_ok=True)

    def _node_group_file(self, identifier: str) -> Path:
        assert self._folder is not None
        return self._folder / NODE_GROUPS / f"{'.'.join(_node_group_names(identifier))}.json"

    def _count(self, operation: str, urn: str) -> None:
        if operation == "create":
            self._creations[urn] = self._creations.get(urn, 0) + 1

    def _journal_lines(self) -> list[dict[str, str]]:
        return read_journal(self._folder) if self._folder else []


def read_journal(folder: Path) -> list[dict[str, str]]:
    """Return the lines of the journal in `folder`, oldest first."""
    path = folder / JOURNAL
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def read_node_groups(folder: Path) -> dict[str, Properties]:
    """Return the node groups that exist, by `<cluster>.<node group>`."""
    found = {}
    for path in sorted((folder / NODE_GROUPS).glob("*.json")):
        content = read_json(path)
        assert isinstance(content, dict)
        found[path.stem] = content
    return found


def _node_group_names(identifier: str) -> tuple[str, str]:
    cluster, _, name = identifier.partition(":")
    for part in (cluster, name):
        if not _EKS_NAME.fullmatch(part):
            message = f"InvalidParameterException: {part!r} is not an EKS name (letters, digits, - and _; at most 100)"
            raise ValueError(message)
    return cluster, name
