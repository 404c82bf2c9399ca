"""What the provider did, written into `$FAKE_AWS_DIR` for tests and for the node simulator.

`journal.jsonl`                          one line per create, update and delete that took place:
                                         {"operation", "urn", "type", "id"}
`nodegroups/<cluster>.<node group>.json` inputs of every EKS node group that exists, secrets masked, with those of its
                                         launch template as `launchTemplateData`
`launchtemplates/<id>.json`              inputs of every launch template that exists, secrets masked
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
LAUNCH_TEMPLATES = "launchtemplates"
LAUNCH_TEMPLATE_TYPE = "aws:ec2/launchTemplate:LaunchTemplate"
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

    def keep(self, resource_type: str, identifier: str, inputs: Properties) -> None:
        """Write the file of an object that was made or changed, if files of its type are kept."""
        path = self._file(resource_type, identifier)
        if path is None:
            return
        visible = {key: masked(value) for key, value in inputs.items() if not key.startswith("__")}
        if resource_type == NODE_GROUP_TYPE:
            cluster, name = _node_group_names(identifier)
            visible |= {"clusterName": cluster, "nodeGroupName": name, **self._template(visible)}
        write_json(path, visible)

    def drop(self, resource_type: str, identifier: str) -> None:
        """Remove the file of an object that was deleted, if there is one."""
        if path := self._file(resource_type, identifier):
            path.unlink(missing_ok=True)

    def _file(self, resource_type: str, identifier: str) -> Path | None:
        # `identifier` of a node group is `<cluster>:<node group>`; it is checked with and without a folder.
        if resource_type == NODE_GROUP_TYPE:
            folder, stem = NODE_GROUPS, ".".join(_node_group_names(identifier))
        elif resource_type == LAUNCH_TEMPLATE_TYPE:
            folder, stem = LAUNCH_TEMPLATES, identifier
        else:
            return None
        return self._folder / folder / f"{stem}.json" if self._folder else None

    def _template(self, node_group: Properties) -> Properties:
        """The template that `node_group` names by id, if this provider made it: its newest version."""
        chosen = node_group.get("launchTemplate")
        path = self._file(LAUNCH_TEMPLATE_TYPE, str(chosen["id"])) if isinstance(chosen, dict) else None
        return {"launchTemplateData": read_json(path)} if path and path.exists() else {}

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
