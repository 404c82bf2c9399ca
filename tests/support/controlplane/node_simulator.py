"""Plays what stands between an EKS node group and a pod on a GPU: EC2, kubelet registration, the device plugin."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.controlplane.client import KubeClient, KubeError
from tests.support.controlplane.fleet import Fleet
from tests.support.controlplane.gpus import GpuDevices
from tests.support.controlplane.images import Accelerators, Images
from tests.support.controlplane.node_groups import NodeGroup, NodeGroupError, read_node_group
from tests.support.controlplane.nodes import Place
from tests.support.controlplane.updates import PACE, Pace, Updates

INTERVAL_SECONDS = 0.3
JOIN_SECONDS = 60.0
ZONES = ("us-east-1a", "us-east-1b")
# An object that went or changed between reading and writing: the next round sees the new state.
PASSING = frozenset({404, 409})


class SimulationError(AssertionError):
    """Something that real nodes would have failed on. Holds every distinct message once."""


class NodeSimulator:
    """Keeps the cluster's nodes equal to the node groups in a folder, in a thread, until stopped.

    Every ``*.json`` in `folder` is one node group (see `node_groups`); a file that goes takes its nodes and their pods
    along. Nodes are spread over `zones` in turn. GPUs appear on a node only while a device plugin's pod runs there, as
    many as its configuration says. Updates of groups go as EKS does them, at the given `pace` (see `updates`); what is
    wrong with nodes of a release is said in `images.json` beside the folder (see `images`). Use as a context manager
    inside the control plane's, or `start` and `stop`.
    """

    def __init__(
        self,
        client: KubeClient,
        folder: Path,
        *,
        region: str = "us-east-1",
        zones: Sequence[str] = ZONES,
        pace: Pace = PACE,
    ) -> None:
        self._client = client
        self._folder = folder
        self._updates = Updates(client, folder, Place(region, tuple(zones)), pace)
        self._fleet = Fleet(client, self._updates)
        self._images = Images(folder.parent)
        self._gpus = GpuDevices(client, self._note, self._images.driver_works)
        self._accelerators = Accelerators(client, folder.parent, self._images.driver_works)
        self._errors: dict[str, None] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="node-simulator", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to follow the folder."""
        self._updates.follow()
        self._thread.start()

    def stop(self) -> None:
        """Stop following; nodes stay as they are.

        Raises:
            SimulationError: something went wrong meanwhile.
        """
        self._updates.leave()
        self._stopping.set()
        self._thread.join(JOIN_SECONDS)
        if self._thread.is_alive():
            self._note(TimeoutError(f"the node simulator did not stop within {JOIN_SECONDS:g} s"))
        if self._errors:
            raise SimulationError("\n".join(self._errors))

    @property
    def errors(self) -> tuple[str, ...]:
        """What has gone wrong so far, for tests that wait for something in vain."""
        return tuple(self._errors)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._round()
            except Exception as error:  # A thread has nobody to raise to: stop() raises instead.
                if not (isinstance(error, KubeError) and error.status in PASSING):
                    self._note(error)
            self._stopping.wait(INTERVAL_SECONDS)

    def _round(self) -> None:
        # Before the groups: an update is asked for when its group is written.
        self._updates.begin()
        groups = list(self._groups())
        self._images.follow(groups)
        # Before the nodes: see Fleet.follow.
        pods = self._client.objects("v1", "Pod", field_selector="spec.nodeName!=")
        nodes = self._fleet.follow(groups, pods, self._images.lost)
        self._gpus.follow(nodes, pods)
        self._accelerators.follow(nodes)

    def _groups(self) -> Iterator[NodeGroup]:
        for file in sorted(self._folder.glob("*.json")):
            try:
                yield read_node_group(file)
            except FileNotFoundError:
                continue
            except NodeGroupError as error:
                self._note(error)
                self._updates.refuse(file.stem, str(error))

    def _note(self, error: Exception) -> None:
        self._errors.setdefault(f"{type(error).__name__}: {error}")
