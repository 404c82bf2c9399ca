"""Kinds of node pools that generated environments have: each way to get nodes, and each way to share their GPUs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedplate.graph.values import Json
from tests.support.generated.releases import EIGHTFOLD, FOURFOLD, QUARTER, SINGLE, SLICE, Sample

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
ROCKET = "1.53.0-0a1b2c3d"
"""A release of Bottlerocket, which no baseline names."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of pool: its entry without name and size, which release models on it run, and how many fit on a node.

    Without a `sample` no model service runs there: pools for training, and for controllers.
    """

    name: str
    entry: Mapping[str, Json]
    sample: Sample | None = None
    per_node: int = 0
    profile: str = ""
    """MIG profile that model services name; empty where they ask for whole GPUs, or for what is called so."""

    @property
    def claimed(self) -> bool:
        """Whether pods claim GPUs, and do not count them."""
        return self.entry.get("devicePath") == "dra"

    @property
    def device_class(self) -> str:
        """Class of what is claimed, as quotas name it."""
        return f"mig-{self.profile}.bedplate.dev" if self.profile else "gpu.nvidia.com"


def _managed(role: str, *types: str, **more: Json) -> dict[str, Json]:
    return {"provisioner": "managed", "role": role, "instanceTypes": list(types), **more}


def _mig(profile: str) -> dict[str, Json]:
    return {"mig": {"profile": profile}}


_SLICED: dict[str, Json] = {"timeSlicing": {"replicas": 4}}
_MIXED: dict[str, Json] = {"mig": {"layout": {"1g.10gb": 2, "2g.20gb": 1, "3g.40gb": 1}, "strategy": "mixed"}}
_ROCKET: dict[str, Json] = {"family": "bottlerocket", "release": ROCKET}
_TAINT: list[Json] = [{"key": "example.org/dedicated", "value": "large", "effect": "NoSchedule"}]
_XID: list[Json] = [
    {"condition": "AcceleratedHardwareReady", "reason": "NvidiaXID64Error", "minWaitMinutes": 5, "action": "replace"}
]

MANAGED_ONCE = (
    Kind("system", _managed("system", "m7i.2xlarge", disk={"gib": 60})),
    Kind("canary", _managed("inference", "g6e.12xlarge", instanceStore="raid0", update={"canary": True}), SINGLE, 4),
)
"""Pools of which an EKS environment has one: for controllers, and the one that is updated first."""

MANAGED = (
    Kind("l4-shared", _managed("inference", "g6.2xlarge", capacity="spot", sharing=_SLICED), QUARTER, 4),
    Kind("l4-spot", _managed("inference", "g6.xlarge", "g6.2xlarge", capacity="spot"), SLICE, 1),
    Kind(
        "l40s", _managed("inference", "g6e.12xlarge", instanceStore="raid0", repair={"maxParallelNodes": 1}), SINGLE, 4
    ),
    Kind("l40s-warm", _managed("inference", "g6e.2xlarge", warmPool={"min": 1, "state": "stopped"}), SINGLE, 1),
    Kind("h100", _managed("inference", "p5.48xlarge", update={"strategy": "terminateFirst"}), FOURFOLD, 2),
    Kind("h100-split", _managed("inference", "p5.48xlarge", sharing=_mig("1g.10gb")), SLICE, 56),
    Kind("h100-mixed", _managed("inference", "p5.48xlarge", sharing=_MIXED), SLICE, 16, "1g.10gb"),
    Kind("claimed", _managed("inference", "p5.48xlarge", devicePath="dra"), SLICE, 8),
    Kind("claimed-mixed", _managed("inference", "p5.48xlarge", devicePath="dra", sharing=_MIXED), SLICE, 16, "1g.10gb"),
    Kind(
        "a100", _managed("inference", "p4d.24xlarge", taints=_TAINT, disk={"gib": 500, "kmsKeyArn": KEY}), EIGHTFOLD, 1
    ),
    Kind("rocket", _managed("inference", "g6.2xlarge", ami=_ROCKET, disk={"gib": 200}), SLICE, 1),
    Kind("rocket-split", _managed("inference", "p5.48xlarge", ami=_ROCKET, sharing=_mig("2g.20gb")), SLICE, 24),
    Kind("block", _managed("training", "p5.48xlarge", capacity="capacityBlock", efa={"interfaces": "max"})),
    Kind(
        "fabric",
        _managed("training", "g6.8xlarge", efa={"interfaces": 1}, placement="cluster", repair={"overrides": _XID}),
    ),
    Kind(
        "general",
        _managed("general", "m7g.2xlarge", "m7g.4xlarge", capacity="spot", update={"maxUnavailablePercent": 20}),
    ),
)
"""Pools of which there are several: managed node groups of every kind."""
# Karpenter starts nodes when pods wait; with replicas it keeps a number of them, which may then share their GPUs.
_BUDGET: dict[str, Json] = {"when": "empty", "after": "15m", "budgets": [{"nodes": "1"}]}


def _karpenter(role: str, *types: str, **more: Json) -> dict[str, Json]:
    return {"provisioner": "karpenter", "role": role, "instanceTypes": list(types), **more}


KARPENTER = (
    Kind("burst", _karpenter("inference", "g6.xlarge", "g6.2xlarge", capacity=["spot"], disruption=_BUDGET), SLICE, 1),
    Kind("fixed", _karpenter("inference", "g6.2xlarge", sharing=_SLICED), QUARTER, 4),
    Kind("elastic", _karpenter("general", "m7i.xlarge", "m7i.2xlarge", limits={"cpu": 16}, expireAfter="Never")),
)
"""Pools that Karpenter keeps, of which there are several as well."""

INVENTORY_ONCE = (Kind("system", {"provisioner": "inventory", "role": "system", "server": "dell-r760"}),)
"""The pool for controllers where machines are one's own."""

_UBUNTU = {"name": "ubuntu", "version": "24.04", "kernel": "6.8.0-86-generic"}
_GPU_TAINT: list[Json] = [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]


def _inventory(server: str, **more: Json) -> dict[str, Json]:
    own = {"provisioner": "inventory", "role": "inference", "server": server}
    return {**own, "driver": "580.159.03", "taints": _GPU_TAINT, **more}


INVENTORY = (
    Kind("l40s-shared", _inventory("hpe-dl380a-gen11-l40s", sharing=_SLICED), QUARTER, 16),
    Kind("l40s", _inventory("supermicro-521ge-l40s", labels={"example.org/rack": "a"}), SINGLE, 8),
    Kind("h100", _inventory("nvidia-dgx-h100", reserved={"cpu": "8", "memory": "64Gi"}), FOURFOLD, 2),
    Kind("h100-split", _inventory("nvidia-dgx-h100", sharing=_mig("1g.10gb")), SLICE, 56),
    Kind("h100-mixed", _inventory("nvidia-dgx-h100", sharing=_MIXED), SLICE, 16, "1g.10gb"),
    Kind("claimed", _inventory("nvidia-dgx-h100", devicePath="dra"), SLICE, 8),
    Kind("a100", _inventory("nvidia-dgx-a100"), EIGHTFOLD, 1),
    Kind("h200", _inventory("lenovo-sr680a-v3-h200", role="training")),
    Kind("bare", _inventory("hpe-dl380a-gen11-l40s", driver="none", os=_UBUNTU), SINGLE, 4),
)
"""Pools of machines that somebody racked: whole GPUs, shared and split ones, and nodes without a driver."""
