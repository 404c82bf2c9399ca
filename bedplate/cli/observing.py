"""What a cluster says to the gates of an upgrade: read from its API server, and from Prometheus where gates ask it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
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
from components.gpu_baseline.gates import GATES, GateName
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
    return Sight(
        version=version,
        nodes=nodes,
        health=Observed(
            nodes=None if nodes is None else [node for node in nodes if _has_gpus(node)],
            daemon_sets=_told(lambda: _daemon_sets(cluster, environment.gpu_baseline.namespace), say),
            slices=_slices(cluster, environment, say),
            series=_series(health.prometheus, health.gates, say),
            heard=_heard(health.prometheus, health.gates, say),
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


def _series(prometheus: str | None, names: Sequence[GateName], say: Callable[[str], None]) -> dict[str, int]:
    """How many series each query of the gates gives; a query that got no answer is missing."""
    queries = [GATES[name].query for name in names if GATES[name].query]
    found = ((query, _asked(prometheus, query, say)) for query in queries if prometheus)
    return {query: len(series) for query, series in found if series is not None}


def _heard(prometheus: str | None, names: Sequence[GateName], say: Callable[[str], None]) -> dict[str, set[str]]:
    """Nodes that Prometheus has the metrics of; a metric that it gave no answer about is missing.

    dcgm-exporter names the node in the label hostname, up to 4.5 in Hostname (NVIDIA dcgm-exporter, pull request 655).
    """
    metrics = [GATES[name].metric for name in names if GATES[name].metric]
    by_node = ((each, _asked(prometheus, f"count by (hostname, Hostname) ({each})", say)) for each in metrics)
    return {
        metric: {str(one["metric"].get("hostname") or one["metric"].get("Hostname") or "") for one in series}
        for metric, series in by_node
        if series is not None
    }


def _asked(prometheus: str | None, query: str, say: Callable[[str], None]) -> list[Mapping[str, Any]] | None:
    """The series that a query gives now; None without an answer."""
    if prometheus is None:
        return None
    url = f"{prometheus}/api/v1/query?{urlencode({'query': query})}"
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
            series: list[Mapping[str, Any]] = json.load(answer)["data"]["result"]
            return [one for one in series if isinstance(one["metric"], Mapping)]
    except (OSError, urllib.error.URLError, ValueError, KeyError, TypeError) as error:
        say(f"not known: {prometheus} does not answer {query}: {error}")
        return None
