"""Updates of simulated node groups go as EKS does them, and fail as EKS fails them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest

from tests.cluster import objects
from tests.cluster.conftest import DEADLINE, NodeGroups
from tests.support.controlplane.client import KubeClient
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.manifests import Manifest, has_condition
from tests.support.controlplane.nodes import GROUP_LABEL
from tests.support.controlplane.watching import Moment, NodeWatch
from tests.support.fakeaws.control import FakeAwsControl
from tests.support.fakeaws.node_updates import NodeUpdateError, NodeUpdates

pytestmark = pytest.mark.cluster

OLD = {"version": "1.34", "releaseVersion": "1.34.9-20260714"}
NEW = {"version": "1.35", "releaseVersion": "1.35.6-20260714"}
SMALL = {"amiType": "AL2023_x86_64_STANDARD", "instanceTypes": ["m7i.large"]}


@pytest.fixture
def client(control_plane: ControlPlane) -> KubeClient:
    return control_plane.client


@pytest.fixture
def watch(control_plane: ControlPlane) -> Iterator[NodeWatch]:
    with NodeWatch(control_plane.endpoint, control_plane.token, control_plane.ca_file) as made:
        yield made


def group(groups: NodeGroups, name: str, image: dict[str, str], desired: int, **update: object) -> None:
    size = {"minSize": 0, "desiredSize": desired, "maxSize": 6}
    groups.put(name, **SMALL, **image, scalingConfig=size, updateConfig={"maxUnavailable": 1, **update})


def roll(groups: NodeGroups, name: str, *, force: bool = False) -> None:
    NodeUpdates(groups.folder.parent).run(f"test.{name}", force=force, given_up=threading.Event())


def of(moment: Moment, name: str, *, ready: bool = True) -> list[Manifest]:
    nodes = [node for node in moment.nodes.values() if node["metadata"]["labels"].get(GROUP_LABEL) == name]
    return [node for node in nodes if has_condition(node, "Ready")] if ready else nodes


def versions(moment: Moment, name: str) -> list[str]:
    return sorted(node["status"]["nodeInfo"]["kubeletVersion"] for node in of(moment, name))


def made(watch: NodeWatch, groups: NodeGroups, name: str, desired: int, **update: object) -> int:
    """A group at the old version, with its nodes Ready; how many moments there were until then."""
    group(groups, name, OLD, desired, **update)
    watch.wait("nodes", lambda moment: len(of(moment, name)) == desired, DEADLINE)
    return len(watch.moments) - 1


def test_new_nodes_are_ready_before_the_first_old_one_goes(node_groups: NodeGroups, watch: NodeWatch) -> None:
    start = made(watch, node_groups, "first", 2)
    group(node_groups, "first", NEW, 2)
    roll(node_groups, "first")
    end = watch.wait("the new size", lambda moment: versions(moment, "first") == ["v1.35.6"] * 2, DEADLINE)
    assert not any(node["spec"].get("unschedulable") for node in of(end, "first"))
    during = watch.moments[start:]
    assert min(len(of(moment, "first")) for moment in during) == 2
    assert max(len(of(moment, "first")) for moment in during) == 4
    closed = next(moment for moment in during if any(node["spec"].get("unschedulable") for node in of(moment, "first")))
    assert versions(closed, "first").count("v1.35.6") == 2


def test_the_minimal_strategy_never_has_more_nodes_than_asked_for(node_groups: NodeGroups, watch: NodeWatch) -> None:
    start = made(watch, node_groups, "scarce", 2, updateStrategy="MINIMAL")
    group(node_groups, "scarce", NEW, 2, updateStrategy="MINIMAL")
    roll(node_groups, "scarce")
    during = watch.moments[start:]
    assert max(len(of(moment, "scarce", ready=False)) for moment in during) == 2
    assert min(len(of(moment, "scarce")) for moment in during) == 1
    watch.wait("the new version", lambda moment: versions(moment, "scarce") == ["v1.35.6"] * 2, DEADLINE)


def test_a_disruption_budget_fails_an_update_and_force_overrides_it(
    client: KubeClient, node_groups: NodeGroups, watch: NodeWatch, namespace: str
) -> None:
    made(watch, node_groups, "kept", 1)
    pod = objects.pod("precious", namespace)
    client.apply({**pod, "metadata": {**pod["metadata"], "labels": {"app": "precious"}}})
    running = client.wait_for(
        "v1", "Pod", "precious", lambda found: found["status"]["phase"] == "Running", namespace=namespace
    )
    budget = {"minAvailable": 1, "selector": {"matchLabels": {"app": "precious"}}}
    metadata = {"name": "precious", "namespace": namespace}
    client.apply({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": budget})
    client.wait_for(
        "policy/v1",
        "PodDisruptionBudget",
        "precious",
        lambda found: found.get("status", {}).get("currentHealthy") == 1,
        namespace=namespace,
    )
    group(node_groups, "kept", NEW, 1)
    with pytest.raises(NodeUpdateError, match=r"^ip-.*: PodEvictionFailure: Reached max retries while trying to evict"):
        roll(node_groups, "kept")
    group(node_groups, "kept", OLD, 1)
    back = watch.wait("the old size", lambda moment: versions(moment, "kept") == ["v1.34.9"], DEADLINE)
    (node,) = of(back, "kept")
    assert node["metadata"]["name"] == running["spec"]["nodeName"]
    assert client.get("v1", "Pod", "precious", namespace)["metadata"]["uid"] == running["metadata"]["uid"]

    group(node_groups, "kept", NEW, 1)
    roll(node_groups, "kept", force=True)
    client.wait_gone("v1", "Pod", "precious", namespace)


def test_nodes_that_never_join_fail_an_update_before_an_old_one_is_touched(
    node_groups: NodeGroups, watch: NodeWatch
) -> None:
    start = made(watch, node_groups, "broken", 1)
    FakeAwsControl(node_groups.folder.parent).set_images({NEW["releaseVersion"]: {"joins": False}})
    group(node_groups, "broken", NEW, 1)
    with pytest.raises(NodeUpdateError, match="NodeCreationFailure: Couldn't proceed with upgrade process as new"):
        roll(node_groups, "broken")
    during = watch.moments[start:]
    assert {tuple(versions(moment, "broken")) for moment in during} == {("v1.34.9",)}
    assert not any(node["spec"].get("unschedulable") for moment in during for node in of(moment, "broken"))
    assert json.loads((node_groups.folder / "broken.json").read_text())["version"] == "1.35"
