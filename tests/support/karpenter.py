"""The environment `dev` of the tests with a pool that Karpenter keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.values import Json
from tests.support.environments import PLATFORM, repository, whole, write

CHARTS = [{"name": name, "source": "chart", "namespace": "kube-system"} for name in ("karpenter-crd", "karpenter")]
BURST: dict[str, Json] = {
    "name": "burst",
    "provisioner": "karpenter",
    "role": "general",
    "instanceTypes": ["m7i.xlarge", "m7i.2xlarge"],
    "limits": {"cpu": 20},
}


def with_karpenter(folder: Path, changes: dict[str, Json] | None = None, **pool: Any) -> ResolvedEnvironment:
    """That environment, loaded from a copy below `folder`, with `pool` in the pool's entry and other `changes`."""
    root = repository(folder)
    data = whole(PLATFORM, "dev")
    data["nodePools"] = [*data["nodePools"], {**BURST, **pool}]
    data["addons"] = [*data["addons"], *CHARTS]
    write(root, "environments/dev.yaml", {**data, **(changes or {})})
    return load(root, "dev")
