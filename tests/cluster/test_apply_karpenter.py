"""A pool that Karpenter keeps, applied by the real engine to a real API server, changed, and made a fixed number.

The tests of this module tell one story and run in the order in which they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.graph.kubernetes import kubernetes_objects, portable_manifest
from tests.cluster.platform import Platform, platform
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.upstream import gateway_api, karpenter_definitions, kserve_definitions
from tests.support.environments import PLATFORM, read, replaced, repository, whole, write
from tests.support.karpenter import BURST, CHARTS

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.xdist_group("apply-karpenter")]

FILE = "environments/dev.yaml"
# Kinds of the platform that this environment has objects of.
OTHERS = (
    "clusterservingruntimes.serving.kserve.io",
    "gatewayclasses.gateway.networking.k8s.io",
    "gateways.gateway.networking.k8s.io",
)
NODE_POOL, NODE_CLASS = ("karpenter.sh/v1", "NodePool"), ("karpenter.k8s.aws/v1", "EC2NodeClass")


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    """A control plane that knows the kinds which the environment has objects of, and no controller of theirs."""
    with ControlPlane() as made:
        made.start(with_kserve=False)
        others = [item for item in [*gateway_api(), *kserve_definitions()] if item["metadata"]["name"] in OTHERS]
        assert len(others) == len(OTHERS)
        made.install_definitions([*others, *karpenter_definitions()])
        yield made


@pytest.fixture(scope="module")
def place(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """`dev` with a pool of Karpenter and without models, whose pods nothing would start."""
    root = repository(tmp_path_factory.mktemp("karpenter"))
    data = whole(PLATFORM, "dev")
    changes = {"nodePools": [*data["nodePools"], BURST], "addons": [*data["addons"], *CHARTS], "models": []}
    # What the pool costs at most is held against the budget.
    write(root, FILE, {**data, **changes, "cost": {"monthlyBudget": "9000.00"}})
    with platform(plane, environments=root / "environments") as made:
        yield made


def change(place: Platform, path: str, value: Any) -> dict[str, Any]:
    """Change the environment, commit, apply; what the apply says."""
    write(place.root, FILE, replaced(read(place.root, FILE), path, value))
    place.commit(path)
    return place.apply()


def planned(place: Platform) -> list[dict[str, Any]]:
    """Karpenter's objects as the files have them now."""
    kinds = (NODE_POOL[1], NODE_CLASS[1])
    found = kubernetes_objects(recorded(load(place.root, "dev")))
    return [portable_manifest(item) for item in found if item.kind in kinds]


def holds(there: Any, planned: Any) -> bool:
    """Whether everything that is `planned` is there; the API server may add defaults."""
    if isinstance(planned, dict):
        return all(key in there and holds(there[key], value) for key, value in planned.items())
    if isinstance(planned, list):
        return len(there) == len(planned) and all(holds(*pair) for pair in zip(there, planned, strict=True))
    return bool(there == planned)


def assert_there(place: Platform) -> None:
    """The API server has every field of every planned object, as planned."""
    for manifest in planned(place):
        there = place.plane.client.get(manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"])
        assert holds(there["spec"], manifest["spec"]), (there, manifest)


def names(place: Platform) -> list[str]:
    return sorted(item["metadata"]["name"] for item in place.plane.client.objects(*NODE_POOL))


def test_apply_creates_what_karpenter_needs_and_its_objects_as_planned(place: Platform) -> None:
    result = place.apply()

    assert result["operations"] == {"create": len(recorded(load(place.root, "dev")))}
    assert names(place) == ["burst"]
    assert_there(place)


def test_what_karpenter_writes_onto_its_objects_is_nobody_s_change(place: Platform, plane: ControlPlane) -> None:
    hashed = {
        "metadata": {"annotations": {"karpenter.sh/nodepool-hash": "1", "karpenter.sh/nodepool-hash-version": "v3"}}
    }
    plane.client.patch(*NODE_POOL, "burst", hashed)
    plane.client.patch(
        *NODE_CLASS, "burst", {"metadata": {"annotations": {"karpenter.k8s.aws/ec2nodeclass-hash": "1"}}}
    )

    assert place.apply()["operations"] == {}
    annotations = plane.client.get(*NODE_POOL, "burst")["metadata"]["annotations"]
    assert annotations["karpenter.sh/nodepool-hash"] == "1"


def test_other_limits_change_the_node_pool_where_it_is(place: Platform, plane: ControlPlane) -> None:
    before = plane.client.get(*NODE_POOL, "burst")["metadata"]["uid"]

    operations = change(place, "nodePools[burst].limits", {"cpu": 40})["operations"]
    assert operations == {"same": operations["same"], "update": 1}
    after = plane.client.get(*NODE_POOL, "burst")
    assert (after["metadata"]["uid"], after["spec"]["limits"]) == (before, {"cpu": "40"})


def test_a_fixed_number_of_nodes_is_a_node_pool_of_its_own(place: Platform) -> None:
    entry = {**BURST, "limits": {"nodes": 3}, "replicas": 2}
    result = change(place, "nodePools[burst]", entry)

    assert names(place) == ["burst-static"]
    assert result["operations"]["replace"] >= 1
    assert_there(place)
