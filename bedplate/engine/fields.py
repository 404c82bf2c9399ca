"""Who the API server holds for the owner of an object's fields, and how a former writer stops being one.

A field that two writers have applied stays until both have let it go. So whoever takes an object over must be its only
writer on record, or what it drops later would never leave the cluster.

Sources, read 2026-11-28: Kubernetes documentation, server-side apply, clearing managedFields; pulumi-kubernetes 4.25,
provider/pkg/provider/provider.go (fieldManagerName); argoproj/argo-cd v3.5.3, common.ArgoCDSSAManager;
fluxcd/kustomize-controller v1.7.3, controller name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bedplate.engine.kubernetes import Cluster
from bedplate.graph.kubernetes import KubernetesObject
from bedplate.units.writer import PULUMI

# Pulumi ends the name at random, for each object.
_MANAGERS = {PULUMI: "pulumi-kubernetes", "argocd": "argocd-controller", "flux": "kustomize-controller"}


def release_fields(cluster: Cluster, items: Iterable[KubernetesObject]) -> int:
    """Take former writers of `items` off the record, each of which has one writer; how many objects there were.

    No value changes. Raises ClusterError.
    """
    paths = _Paths(cluster)
    released = 0
    for item in items:
        path = paths.of(item)
        there = cluster.find(path) if path else None
        if there is None:
            continue
        entries = there["metadata"].get("managedFields") or []
        kept = [entry for entry in entries if not _is_former(entry, item.resource.writer or PULUMI)]
        if len(kept) < len(entries):
            # An empty list would say that nothing is to change; a list of nothing clears them.
            change = {"managedFields": kept or [{}], "resourceVersion": there["metadata"]["resourceVersion"]}
            cluster.merge(path, {"metadata": change})
            released += 1
    return released


def _is_former(entry: Mapping[str, Any], writer: str) -> bool:
    """Whether `entry` is of a writer of ours that is not the object's own."""
    others = tuple(name for known, name in _MANAGERS.items() if known != writer)
    return entry.get("operation") == "Apply" and str(entry.get("manager", "")).startswith(others)


class _Paths:
    """Where the API server serves objects, asked once for each group and version."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._known: dict[str, Mapping[str, Mapping[str, Any]]] = {}

    def of(self, item: KubernetesObject) -> str:
        """Path of `item`; empty where its kind is not served. Raises ClusterError."""
        version = item.id.api_version
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if version not in self._known:
            served = self._cluster.find(root) or {"resources": []}
            self._known[version] = {each["kind"]: each for each in served["resources"] if "/" not in each["name"]}
        resource = self._known[version].get(item.kind)
        if resource is None:
            return ""
        place = f"/namespaces/{item.namespace}" if resource["namespaced"] else ""
        return f"{root}{place}/{resource['name']}/{item.name}"
