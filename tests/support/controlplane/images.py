"""What is wrong with images, and what the node monitoring agent says about nodes that start from them.

`images.json`  {release: {"joins": bool, "gpus": bool}}: with `joins` false, nodes of that release never reach the
               cluster; with `gpus` false their driver finds no GPU. Both are true where nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.manifests import Manifest, has_condition
from tests.support.controlplane.node_groups import NodeGroup
from tests.support.controlplane.nodes import IMAGE_LABEL
from tests.support.fakeaws.control import IMAGES
from tests.support.fakeaws.files import read_json

CONDITION = "AcceleratedHardwareReady"
AGENT = "eks-node-monitoring-agent"
_STRATEGIC = "application/strategic-merge-patch+json"


class Images:
    """The file in `folder`, read again in every round."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / IMAGES
        self.lost: frozenset[str] = frozenset()
        """Releases whose nodes never join."""
        self._releases: dict[str, str] = {}
        self._broken: frozenset[str] = frozenset()

    def follow(self, groups: Iterable[NodeGroup]) -> None:
        """Read the file, and learn which release each image is."""
        self._releases.update({group.image: group.release for group in groups})
        flaws = cast(dict[str, dict[str, Any]], read_json(self._file) or {})
        self.lost = frozenset(release for release, flaw in flaws.items() if not flaw.get("joins", True))
        self._broken = frozenset(release for release, flaw in flaws.items() if not flaw.get("gpus", True))

    def driver_works(self, node: Manifest) -> bool:
        """Whether the node's driver finds its GPUs."""
        return self._releases.get(node["metadata"]["labels"].get(IMAGE_LABEL, ""), "") not in self._broken


class Accelerators:
    """The add-on eks-node-monitoring-agent, where the account has it: a condition on every node with GPUs."""

    def __init__(self, client: KubeClient, folder: Path, works: Callable[[Manifest], bool]) -> None:
        self._client = client
        self._addons = folder / "addons"
        self._works = works

    def follow(self, nodes: Sequence[Manifest]) -> None:
        """Set the condition on `nodes`."""
        if not any(self._addons.glob(f"*.{AGENT}.json")):
            return
        for node in nodes:
            status = "True" if self._works(node) else "False"
            with_gpus = node["metadata"]["labels"].get("nvidia.com/gpu.present") == "true"
            if with_gpus and not has_condition(node, CONDITION, status):
                self._set(node["metadata"]["name"], status)

    def _set(self, name: str, status: str) -> None:
        reason = "NvidiaAcceleratedHardwareIsReady" if status == "True" else "NvidiaDeviceCountMismatch"
        condition = {"type": CONDITION, "status": status, "reason": reason, "message": "simulated"}
        # A merge patch would replace the kubelet's own conditions.
        path = f"/api/v1/nodes/{name}/status"
        self._client.request("PATCH", path, {"status": {"conditions": [condition]}}, content_type=_STRATEGIC)
