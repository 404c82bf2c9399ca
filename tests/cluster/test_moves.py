"""Moving `prod` from one baseline to the next, on the real engine and a real API server with simulated nodes.

The tests of this module tell one story and run in the order in which they stand: `prod` as it is shipped, with a test's
own state and tier, is applied at the older baseline; the canary fails and goes back; what was wrong is mended, and the
move arrives. A watch of the nodes runs all the time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bedplate.environment.load import load
from bedplate.upgrade.judging import POOL_LABEL
from tests.cluster.platform import ROOT, TODAY, Platform, platform
from tests.cluster.test_apply_shipped import on_trial
from tests.support.controlplane import upstream
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.eks_endpoint import eks_endpoint
from tests.support.controlplane.manifests import Manifest, has_condition
from tests.support.controlplane.watching import Moment, NodeWatch

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.xdist_group("moves")]

FILE = "environments/prod.yaml"
OLD, NEW = "2026.08", "2026.11"
NEW_RELEASE = "1.35.6-20260714"
CANARY = "l40s-canary"
GPU = "nvidia.com/gpu"
MINIMUM = 20
"""GPUs that the environment declares as the fewest at any time, of 40."""
KINDS = ("ClusterServingRuntime", "EC2NodeClass", "Gateway", "GatewayClass", "HTTPRoute", "NodeClaim", "NodePool")
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
WHO = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org"}
WHO |= {"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org"}


class Story:
    """`prod` at the older baseline, applied whole, and a watch of its nodes."""

    def __init__(self, place: Platform, kubeconfig: Path, watch: NodeWatch) -> None:
        self.place = place
        self.kubeconfig = kubeconfig
        self.watch = watch
        self.began = 0

    def run(self, *args: str) -> tuple[int, dict[str, Any]]:
        """A run of the upgrade, as a pipeline does it; its exit code and its document."""
        found = self.place.bedplate(
            *("upgrade", "prod", "--to", NEW, "--run", "--yes", "--json", "--now", TODAY),
            *("--kubeconfig", str(self.kubeconfig), "--gate-minutes", "10"),
            *args,
            check=None,
        )
        assert found.stdout.startswith("{"), found.stderr
        return found.returncode, json.loads(found.stdout)

    def file(self) -> str:
        return (self.place.root / FILE).read_text(encoding="utf-8")

    def groups(self) -> dict[str, str]:
        """Kubernetes version of every node group, by its pool."""
        groups = self.place.sandbox.aws.node_groups().values()
        return {group["labels"][POOL_LABEL]: str(group["version"]) for group in groups}  # type: ignore[index]

    def done(self) -> list[tuple[str, str, str]]:
        """What happened to the account since it was made: operation, type and name in the program."""
        journal = self.place.sandbox.aws.journal()[self.began :]
        return [(line["operation"], line["type"], line["urn"].rpartition("::")[2]) for line in journal]

    def history(self, stack: str) -> list[dict[str, int]]:
        """What the engine says that its updates of `stack` did, the first one left out."""
        text = self.place.sandbox.pulumi("stack", "history", "--stack", stack, "--json", cwd=self.place.root).stdout
        updates = [entry["resourceChanges"] for entry in json.loads(text) if entry["kind"] == "update"]
        return list(reversed(updates))[1:]


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    """Without KServe's controller: `prod` serves no model yet, and its runtime only has to be there."""
    with ControlPlane() as made:
        made.start(with_kserve=False)
        found = [*upstream.gateway_api(), *upstream.kserve_definitions(), *upstream.karpenter_definitions()]
        made.install_definitions([item for item in found if item["spec"].get("names", {}).get("kind") in KINDS])
        yield made


@pytest.fixture(scope="module")
def story(plane: ControlPlane) -> Iterator[Story]:
    with platform(plane, environments=ROOT / "environments") as place:
        place.sandbox.env |= WHO
        on_trial(place.root / FILE)
        place.edit(FILE, "tier: staging\n", f'tier: staging\nbaseline: "{OLD}"\n')
        # No GPU feature discovery runs on simulated nodes.
        place.edit(FILE, "  featureDiscovery: compare\n", "")
        gates = "    gates: [nodesReady, acceleratorsReady, agentsReady, minimumGpus"
        health = f"    settleMinutes: 0\n    minimumGpus: {MINIMUM}\n{gates}]"
        place.edit(FILE, f"{gates}, nodesAsDeclared]", health)
        place.bedplate("lock", "prod")
        place.commit("on trial")
        place.bedplate("apply", "prod", "--yes")
        account = place.sandbox.fake_aws_dir
        with (
            eks_endpoint(plane, account, place.sandbox.root) as kubeconfig,
            NodeWatch(plane.endpoint, plane.token, plane.ca_file) as watch,
        ):
            told = Story(place, kubeconfig, watch)
            told.began = len(place.sandbox.aws.journal())
            watch.wait("all GPUs", lambda moment: moment.sum(GPU) == 40, 120)
            yield told


def pool(moment: Moment, name: str) -> list[Manifest]:
    return [node for node in moment.nodes.values() if node["metadata"]["labels"].get(POOL_LABEL) == name]


def version(node: Manifest) -> str:
    return str(node["status"]["nodeInfo"]["kubeletVersion"])


def serves(moment: Moment, name: str) -> bool:
    """Whether the pool is on the new version, and all of it takes pods that want GPUs."""
    nodes = [node for node in pool(moment, name) if not node["spec"].get("unschedulable")]
    return bool(nodes) and all(
        version(node) == "v1.35.6" and has_condition(node, "Ready") and node["status"]["allocatable"].get(GPU) == "4"
        for node in nodes
    )


def test_the_control_plane_moves_and_every_node_stays(story: Story) -> None:
    before = {name: node["metadata"]["uid"] for name, node in story.watch.moments[-1].nodes.items()}
    code, document = story.run("--until", "control-plane-1.35")
    assert (code, document["outcome"]) == (0, "paused"), document
    # Namespaces follow the version's Pod Security levels.
    taken = [("control-plane-1.35", ["cluster", "platform"])]
    assert [(step["id"], step["layers"]) for step in document["steps"]] == taken
    assert {name: node["metadata"]["uid"] for name, node in story.watch.moments[-1].nodes.items()} == before
    assert set(story.groups().values()) == {"1.34"}


def test_a_canary_whose_gpus_fail_goes_back_and_no_other_pool_is_touched(story: Story) -> None:
    before, count = story.file(), len(story.done())
    story.place.sandbox.aws.set_images({NEW_RELEASE: {"gpus": False}})
    code, document = story.run("--until", f"pool-{CANARY}", "--gate-minutes", "1")
    assert (code, document["outcome"]) == (1, "takenBack"), document
    assert document["verdict"].startswith(f"prod: pool-{CANARY} failed and was taken back: everything is as it was")
    shut = {gate["subject"]: gate["reasons"] for gate in document["gates"]}
    assert "acceleratorsReady" in shut
    assert all("are not ready" in reason for reason in shut["acceleratorsReady"])

    assert story.file() == before
    touched = {name for _, kind, name in story.done()[count:] if kind == NODE_GROUP}
    assert touched == {f"{CANARY}-nodes"}
    assert set(story.groups().values()) == {"1.34"}
    end = story.watch.wait("all GPUs", lambda moment: moment.sum(GPU, open_only=True) == 40, 120)
    assert {version(node) for node in pool(end, CANARY)} == {"v1.34.9"}


def test_with_a_good_image_the_move_goes_on_until_people_are_asked(story: Story) -> None:
    story.place.sandbox.aws.set_images({})
    code, document = story.run()
    assert (code, document["outcome"]) == (1, "stopped"), document
    assert [step["id"] for step in document["steps"]] == [
        f"pool-{CANARY}",
        "pool-system",
        "pool-general",
        "pool-h100",
        "pool-l40s",
    ]
    assert document["reason"].startswith("empty-training asks people to do something first: let the jobs on training")
    assert document["left"][0] == "empty-training"


def test_the_canary_serves_before_any_other_pool_moves(story: Story) -> None:
    others = ("system", "h100", "l40s", "training")
    moving = [m for m in story.watch.moments if any(version(n) != "v1.34.9" for name in others for n in pool(m, name))]
    assert moving
    assert serves(moving[0], CANARY)


def test_an_emptied_pool_comes_back_before_agents_restart(story: Story) -> None:
    code, document = story.run("--done-by-hand")
    assert (code, document["outcome"]) == (1, "stopped"), document
    assert [step["id"] for step in document["steps"]] == ["empty-training", "pool-training"]
    assert document["reason"].startswith("part-devicePlugin is blocked: 16 GPUs would be left while agents restart")
    assert story.watch.moments[-1].sum(GPU) == 24
    size = "    size: {min: 0, desired: 0, max: 2}\n"
    story.place.edit(FILE, size, size.replace("desired: 0", "desired: 2"))
    story.place.commit("The block's nodes are back")


def test_the_rest_of_the_move_arrives(story: Story) -> None:
    code, document = story.run()
    assert (code, document["outcome"]) == (0, "arrived"), document
    assert document["verdict"] == f"prod: at baseline {NEW}, {len(document['steps'])} steps taken"
    assert {tuple(step["layers"]) for step in document["steps"]} == {("platform",), ()}
    assert set(story.groups().values()) == {"1.35"}
    resolved = load(story.place.root, "prod")
    assert resolved.environment.baseline == NEW
    assert resolved.environment.baseline_overrides == ()
    assert story.watch.wait("all GPUs", lambda moment: moment.sum(GPU) == 40, 120)


def test_gpus_never_fall_below_the_minimum(story: Story) -> None:
    fewest = min(story.watch.moments, key=lambda moment: moment.sum(GPU))
    assert fewest.sum(GPU) >= MINIMUM
    assert story.watch.failure is None


def test_nothing_is_replaced_and_nothing_but_nodes_and_their_versions_changes(story: Story) -> None:
    operations = {(operation, kind) for operation, kind, _ in story.done()}
    assert operations == {("update", NODE_GROUP), ("update", "aws:eks/cluster:Cluster")}
    for stack in ("prod.bootstrap", "prod.cluster", "prod.platform", "prod.models"):
        for changes in story.history(stack):
            assert set(changes) <= {"same", "update"}, (stack, changes)
