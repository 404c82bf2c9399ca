"""The Graph that policies read: with the pods that controllers will make."""

from __future__ import annotations

from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.derive.expand import derive
from bedplate.graph.derive.settings import KServeSettings
from bedplate.graph.graph import Graph


def with_derived(graph: Graph, resolved: ResolvedEnvironment) -> Graph:
    """`graph` and everything that follows from it, by KServe's settings of the environment's baseline."""
    return derive(graph, kserve_settings(resolved))


def kserve_settings(resolved: ResolvedEnvironment) -> KServeSettings:
    """KServe's cluster-wide settings for the environment's baseline, with the deviations that the catalogue lists."""
    data = resolved.catalog.kserve(resolved.baseline.kserve)
    return KServeSettings.from_json(data["inferenceserviceConfig"], data["clusterStorageContainers"])
