"""The capacity proof against the real scheduler, where GPUs are split or claimed: no verdict is contradicted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from bedplate.capacity.packing import Fit
from bedplate.capacity.proof import prove
from bedplate.cli.pipeline import derived
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.values import Json
from tests.cluster.conftest import NodeGroups
from tests.cluster.gpu_world import GpuWorld, gpu_world
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.environments import read, replaced, repository, write

pytestmark = pytest.mark.cluster

TRIALS = 8
QUOTA: dict[str, Json] = {"gpus": 99, "cpu": "999", "memory": "9999Gi", "pods": 99}
RELEASES = {
    "chat": "environments/models/qwen3-0.6b/1.0.0.yaml",
    "embeddings": "environments/models/qwen3-embedding-0.6b/1.0.0.yaml",
}


@dataclass(frozen=True)
class Kind:
    """How the pool shares its GPUs, and by which name each model asks for a part of one."""

    name: str
    pool: dict[str, Json]
    models: dict[str, dict[str, Json]]
    most: int
    """Replicas of a model that a trial may have."""

    def __str__(self) -> str:
        return self.name


KINDS = (
    Kind("single MIG", {"sharing": {"mig": {"layout": {"3g.40gb": 2}}}}, {"chat": {}, "embeddings": {}}, most=4),
    Kind(
        "mixed MIG",
        {"sharing": {"mig": {"layout": {"1g.10gb": 2, "3g.40gb": 1}, "strategy": "mixed"}}},
        {"chat": {"migProfile": "3g.40gb"}, "embeddings": {"migProfile": "1g.10gb"}},
        most=5,
    ),
    Kind("claimed GPUs", {"devicePath": "dra"}, {"chat": {}, "embeddings": {}}, most=2),
    Kind(
        "claimed MIG",
        {
            "devicePath": "dra",
            "sharing": {"mig": {"layout": {"1g.10gb": 2, "3g.40gb": 1}, "strategy": "mixed"}},
        },
        {"chat": {"migProfile": "3g.40gb"}, "embeddings": {"migProfile": "1g.10gb"}},
        most=5,
    ),
)


@dataclass(frozen=True)
class Trials:
    """An environment with one GPU pool of two nodes, whose models change from trial to trial."""

    root: Path
    kind: Kind
    agents: str

    def begin(self) -> ResolvedEnvironment:
        """The environment with one replica of each model."""
        dev = read(self.root, "environments/dev.yaml")
        dev = replaced(dev, "gpuBaseline.namespace", self.agents)
        dev = replaced(dev, "teams[research].quota", QUOTA)
        nodes = {"instanceTypes": ["p5.4xlarge"], "size": {"min": 2, "desired": 2, "max": 2}, "sharing": None}
        for key, value in (nodes | self.kind.pool).items():
            dev = replaced(dev, f"nodePools[l4].{key}", value)
        for name, fields in self.kind.models.items():
            for key, value in fields.items():
                dev = replaced(dev, f"models[{name}].{key}", value)
        write(self.root, "environments/dev.yaml", dev)
        return load(self.root, "dev")

    def next(self, chance: random.Random) -> ResolvedEnvironment:
        """The environment with other replicas and other requests."""
        dev = read(self.root, "environments/dev.yaml")
        for name, file in RELEASES.items():
            count = chance.randint(1, self.kind.most)
            dev = replaced(dev, f"models[{name}].scale", {"min": count, "max": count})
            cpu = str(chance.choice((1, 5, 7)))
            write(self.root, file, replaced(read(self.root, file), "resources.cpu", cpu))
        write(self.root, "environments/dev.yaml", dev)
        return load(self.root, "dev")


@pytest.fixture(params=KINDS, ids=str)
def trials(request: pytest.FixtureRequest, tmp_path: Path) -> Trials:
    return Trials(repository(tmp_path / "repository"), request.param, f"gpu-{uuid4().hex[:8]}")


@pytest.fixture
def world(trials: Trials, control_plane: ControlPlane, node_groups: NodeGroups, namespace: str) -> Iterator[GpuWorld]:
    resolved = trials.begin()
    with gpu_world(control_plane.client, node_groups, namespace, resolved, derived(resolved)) as made:
        yield made


def test_the_scheduler_never_contradicts_a_proof(trials: Trials, world: GpuWorld) -> None:
    chance, seen = random.Random(4), set[Fit]()
    for trial in range(TRIALS):
        resolved = trials.next(chance)
        graph = derived(resolved)
        packing = prove(graph, resolved, resolved.catalog).packing
        seen.add(packing.fit)
        bound = world.bound(world.pods_of(graph, seed=trial))
        assert packing.fit is not Fit.UNKNOWN, packing.reason
        assert packing.fit is not Fit.ANY_ORDER or bound, (trial, packing)
        assert packing.fit is not Fit.CANNOT or not bound, (trial, packing)
    assert {Fit.ANY_ORDER, Fit.CANNOT} <= seen
