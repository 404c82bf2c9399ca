"""What a cluster says to the gates of an upgrade: read from its API server, and from Prometheus where gates ask it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from bedplate.cli.options import talk
from bedplate.engine.kubernetes import Cluster, ClusterError, open_cluster
from bedplate.environment.environment import Environment
from bedplate.environment.facts import claims_gpus
from bedplate.environment.gates import Observed
from bedplate.upgrade.judging import Sight
from components.cluster.spec import ExistingClusterSpec
from components.gpu_baseline.gates import GATES
from components.gpu_baseline.node_features import GROUP, NODE_NAME, PLURAL, VERSION

T = TypeVar("T")

_SECONDS = 10
_VENDOR = "nvidia.com/"


def look(environment: Environment, kubeconfig: Path | None, context: str | None, *, quiet: bool = False) -> Sight:
    """What the environment's cluster says now. Raises ClusterError where the kubeconfig leads to none.

    What cannot be read is None, and said on stderr unless `quiet` is set.
    """
    say = _nothing if quiet else talk
    if context is None and isinstance(environment.cluster, ExistingClusterSpec):
        context = environment.cluster.context
    cluster = open_cluster(context, kubeconfig)
    say(f"asking {cluster.server}")
    version = _told(lambda: str(cluster.read("/version")["gitVersion"]), say)
    nodes = _told(lambda: cluster.items("/api/v1/nodes"), say)
    health = environment.gpu_baseline.health
    queries = [GATES[name].query for name in health.gates if GATES[name].query]
    return Sight(
        version=version,
        nodes=nodes,
        health=Observed(
            nodes=None if nodes is None else [node for node in nodes if _has_gpus(node)],
            daemon_sets=_told(lambda: _daemon_sets(cluster, environment.gpu_baseline.namespace), say),
            slices=_slices(cluster, environment, say),
            series=_series(health.prometheus, queries, say),
            discovered=_discovered(cluster, environment, say),
        ),
    )


def _daemon_sets(cluster: Cluster, namespace: str) -> list[Mapping[str, Any]]:
    return cluster.items(f"/apis/apps/v1/namespaces/{namespace}/daemonsets")


def _discovered(
    cluster: Cluster, environment: Environment, say: Callable[[str], None]
) -> dict[str, Mapping[str, str]] | None:
    """What GPU feature discovery found, by node; None where it does not run."""
    if environment.gpu_baseline.feature_discovery == "none":
        return None
    path = f"/apis/{GROUP}/{VERSION}/namespaces/{environment.gpu_baseline.namespace}/{PLURAL}"
    found = _told(lambda: cluster.items(path), say) or []
    return {item["metadata"]["labels"][NODE_NAME]: item["spec"].get("labels", {}) for item in found}


def _slices(cluster: Cluster, environment: Environment, say: Callable[[str], None]) -> list[Mapping[str, Any]] | None:
    """ResourceSlices, where pods of some pool claim their GPUs."""
    if not any(claims_gpus(pool) for pool in environment.node_pools):
        return []
    return _told(lambda: cluster.items("/apis/resource.k8s.io/v1/resourceslices"), say)


def _has_gpus(node: Mapping[str, Any]) -> bool:
    """Whether it is a node of ours that should offer GPUs, or one that does."""
    labels, capacity = node["metadata"].get("labels", {}), node.get("status", {}).get("capacity", {})
    return labels.get("nvidia.com/gpu.present") == "true" or any(name.startswith(_VENDOR) for name in capacity)


def _nothing(message: str) -> None:
    """Say it to nobody."""


def _told(read: Callable[[], T], say: Callable[[str], None]) -> T | None:
    try:
        return read()
    except (ClusterError, KeyError) as error:
        say(f"not known: {error}")
        return None


def _series(prometheus: str | None, queries: list[str], say: Callable[[str], None]) -> dict[str, int]:
    """How many series each query gives; a query that got no answer is missing."""
    found: dict[str, int] = {}
    for query in queries if prometheus else ():
        url = f"{prometheus}/api/v1/query?{urlencode({'query': query})}"
        try:
            with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
                found[query] = len(json.load(answer)["data"]["result"])
        except (OSError, urllib.error.URLError, ValueError, KeyError, TypeError) as error:
            say(f"not known: {prometheus} does not answer {query}: {error}")
    return found
