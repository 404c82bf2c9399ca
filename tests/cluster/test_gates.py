"""Gates of upgrades against a real API server: nodes that are there open them, nodes that are not Ready close them."""

from __future__ import annotations

import pytest

from bedplate.catalog import catalog
from bedplate.cli.observing import look
from bedplate.environment.load import load
from bedplate.upgrade.gates import present_gates
from bedplate.upgrade.judging import POOL_LABEL, Judged, judged
from tests.cluster.conftest import DEADLINE, NodeGroups
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.environments import PLATFORM
from tests.support.polling import poll

pytestmark = pytest.mark.cluster


def results(plane: ControlPlane) -> dict[tuple[str, str], Judged]:
    resolved = load(PLATFORM, "dev")
    sight = look(resolved.environment, plane.kubeconfig, None)
    found = judged(present_gates(resolved, catalog.load()), sight)
    return {(item.gate.kind, item.gate.subject): item for item in found}


def test_gates_follow_the_nodes_and_are_never_open_on_what_is_not_there(
    control_plane: ControlPlane, node_groups: NodeGroups
) -> None:
    before = results(control_plane)
    assert before["controlPlane", ""].verdict == "open"
    assert before["nodes", "l4"].reasons == ("0 of 1 nodes are Ready",)
    assert before["health", "minimumGpus"].verdict == "closed"
    assert before["health", "agentsReady"].verdict == "unknown"

    image = {"version": "1.35", "releaseVersion": "1.35.6-20260714"}
    node_groups.put("l4", instanceTypes=["g6.2xlarge"], labels={POOL_LABEL: "l4"}, **image)
    poll("the gate of the pool's nodes", lambda: results(control_plane)["nodes", "l4"].verdict == "open", DEADLINE)
    (node,) = control_plane.client.objects("v1", "Node", label_selector=POOL_LABEL)
    control_plane.client.patch("v1", "Node", node["metadata"]["name"], {"spec": {"unschedulable": True}})
    assert results(control_plane)["nodes", "l4"].verdict == "closed"
