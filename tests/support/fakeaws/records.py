"""What the provider did, written into `$FAKE_AWS_DIR` for tests and for the node simulator.

`journal.jsonl`                          one line per create, update and delete that took place:
                                         {"operation", "urn", "type", "id"}
`nodegroups/<cluster>.<node group>.json` inputs of every EKS node group that exists, secrets masked, with those of its
                                         launch template as `launchTemplateData`
`addons/<cluster>.<add-on>.json`, `clusters/<cluster>.json`, `launchtemplates/<id>.json`
                                         inputs of every such object that exists, secrets masked
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
LAUNCH_TEMPLATE_TYPE = "aws:ec2/launchTemplate:LaunchTemplate"
CLUSTERS = "clusters"
CLUSTER_TYPE = "aws:eks/cluster:Cluster"
# Folder of each type that is kept, and whether its id is `<cluster>:<name>`.
_KEPT = {
    NODE_GROUP_TYPE: (NODE_GROUPS, True),
    "aws:eks/addon:Addon": ("addons", True),
    CLUSTER_TYPE: (CLUSTERS, False),
    LAUNCH_TEMPLATE_TYPE: ("launchtemplates", False),
}
# The names that EKS allows, which are also safe as file names.
_EKS_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,99}")


class Records:
    """The records of one folder. Without a folder only the number of creations is kept, for one process."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._creations: dict[str, int] = {}
        self._there: set[tuple[str, str]] = set()
        for line in self._journal_lines():
            self._count(line["operation"], line["urn"], (line["type"], line["id"]))

    def creations(self, urn: str) -> int:
        """Return how many objects of this URN have been made so far."""
        return self._creations.get(urn, 0)

    def note(self, operation: str, urn: str, resource_type: str, identifier: str) -> None:
        """Add one line to the journal."""
        self._count(operation, urn, (resource_type, identifier))
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
            cluster, name = node_group_names(identifier)
            visible |= {"clusterName": cluster, "nodeGroupName": name, **self._template(visible)}
        write_json(path, visible)

    def drop(self, resource_type: str, identifier: str) -> None:
        """Remove the file of an object that was deleted, if there is one."""
        if path := self._file(resource_type, identifier):
            path.unlink(missing_ok=True)

    def cluster(self, name: str) -> Properties | None:
        """Return the inputs of the EKS cluster called `name`, or None where this provider did not make it."""
        content = read_json(self._folder / CLUSTERS / f"{name}.json") if self._folder else None
        return content if isinstance(content, dict) else None

    def groups_of(self, cluster: str) -> list[Properties]:
        """Return the node groups of a cluster."""
        found = read_node_groups(self._folder) if self._folder else {}
        return [group for group in found.values() if group["clusterName"] == cluster]

    def there(self, resource_type: str) -> set[str]:
        """Return the ids of all objects of a type that exist. One that was deleted after it was made again is gone."""
        return {identifier for kind, identifier in self._there if kind == resource_type}

    def _file(self, resource_type: str, identifier: str) -> Path | None:
        if resource_type not in _KEPT:
            return None
        folder, in_cluster = _KEPT[resource_type]
        # Names are checked with and without a folder.
        stem = ".".join(node_group_names(identifier)) if in_cluster else identifier
        return self._folder / folder / f"{stem}.json" if self._folder else None

    def _template(self, node_group: Properties) -> Properties:
        """The template that `node_group` names by id, if this provider made it: its newest version."""
        chosen = node_group.get("launchTemplate")
        path = self._file(LAUNCH_TEMPLATE_TYPE, str(chosen["id"])) if isinstance(chosen, dict) else None
        return {"launchTemplateData": read_json(path)} if path and path.exists() else {}

    def _count(self, operation: str, urn: str, thing: tuple[str, str]) -> None:
        if operation == "create":
            self._creations[urn] = self._creations.get(urn, 0) + 1
            self._there.add(thing)
        elif operation == "delete":
            self._there.discard(thing)

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


def node_group_names(identifier: str) -> tuple[str, str]:
    """Return cluster and name from the id of an object in a cluster. Raises ValueError for what is no EKS name."""
    cluster, _, name = identifier.partition(":")
    for part in (cluster, name):
        if not _EKS_NAME.fullmatch(part):
            message = f"InvalidParameterException: {part!r} is not an EKS name (letters, digits, - and _; at most 100)"
            raise ValueError(message)
    return cluster, name
