"""Fixtures of the cluster tier: one control plane for all tests of a worker, nodes and a namespace for each test."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.node_simulator import NodeSimulator
from tests.support.controlplane.nodes import GROUP_LABEL
from tests.support.polling import poll

DEADLINE = 60.0
PLANE = pytest.StashKey[ControlPlane]()


class NodeGroups:
    """The folder that a node simulator follows, as the fake aws plugin would fill it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, **inputs: Any) -> None:
        """Create or change a node group; the defaults are one GPU node of type g6.xlarge."""
        group = {
            "clusterName": "test",
            "nodeGroupName": name,
            "amiType": "AL2023_x86_64_NVIDIA",
            "instanceTypes": ["g6.xlarge"],
            "scalingConfig": {"minSize": 0, "desiredSize": 1, "maxSize": 4},
            **inputs,
        }
        # The simulator must never see half a file.
        unfinished = self.folder / f"{name}.unfinished"
        unfinished.write_text(json.dumps(group), encoding="utf-8")
        unfinished.replace(self.folder / f"{name}.json")

    def remove(self, name: str) -> None:
        """Delete a node group."""
        (self.folder / f"{name}.json").unlink()


@pytest.fixture(scope="session")
def control_plane(pytestconfig: pytest.Config) -> Iterator[ControlPlane]:
    """A control plane with KServe, shared by all tests; they keep apart by namespace and name."""
    with ControlPlane() as plane:
        plane.start()
        pytestconfig.stash[PLANE] = plane
        yield plane


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    """A control plane with KServe of a module's own: what an apply leaves behind must be visible."""
    with ControlPlane() as made:
        made.start()
        yield made


@pytest.fixture
def node_groups(control_plane: ControlPlane, tmp_path: Path) -> Iterator[NodeGroups]:
    """Node groups of one test. Its nodes are gone when the test has ended."""
    groups = NodeGroups(tmp_path / "nodegroups")
    groups.folder.mkdir()
    client = control_plane.client
    with NodeSimulator(client, groups.folder):
        yield groups
        for file in groups.folder.iterdir():
            file.unlink()
        poll("nodes gone", lambda: not client.objects("v1", "Node", label_selector=GROUP_LABEL), DEADLINE)


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    """A namespace of one test's own, without any Pod Security level.

    Nobody waits for its end: it takes the namespace controller five seconds, and no new pod can start in it meanwhile.
    """
    name = f"test-{uuid4().hex[:8]}"
    control_plane.client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    control_plane.client.delete("v1", "Namespace", name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of every component's log beside a test that failed."""
    report = yield
    plane = item.config.stash.get(PLANE, None)
    if report.failed and plane is not None:
        report.sections.append(("control plane", plane.log_tails()))
    return report
