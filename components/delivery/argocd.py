"""What Argo CD is told: a project that admits what a layer is made of, and an application that keeps it so.

Sources, read 2026-11-28: argoproj/argo-cd v3.5.3, docs/user-guide/sync-options.md, diffing.md, diff-strategies.md,
docs/operator-manual/{application,project}.yaml.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from components.delivery.layers import Handover, ObjectKind, OthersField, delivery_name
from components.delivery.spec import GitOpsSpec

_IN_CLUSTER = "https://kubernetes.default.svc"

# Asks the API server what an apply would change: what webhooks set, and what only others write, is no difference.
COMPARE = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}

_SYNC_OPTIONS = (
    "ApplyOutOfSyncOnly=true",
    "CreateNamespace=false",
    # An object that another application keeps has a writer already.
    "FailOnSharedResource=true",
    "PruneLast=true",
    "RespectIgnoreDifferences=true",
    "ServerSideApply=true",
)
# Steps of the table's paths that are lists.
_LISTS = frozenset({"webhooks"})

# Kinds that a chart of the same layer defines are not there yet when its other objects are checked.
_WITH_DEFINITIONS = "SkipDryRunOnMissingResource=true"


def project_spec(spec: GitOpsSpec, layer: Handover) -> dict[str, Any]:
    """Spec of the AppProject: this repository, these namespaces, these kinds, and nothing else."""
    return {
        "description": f"Layer {layer.layer}, as bedplate renders it",
        "sourceRepos": [spec.repository],
        "destinations": [{"server": _IN_CLUSTER, "namespace": namespace} for namespace in layer.namespaces],
        # Whether a kind stands in a namespace decides which of both lists is asked.
        "clusterResourceWhitelist": _kinds(layer.kinds) if layer.whole_cluster else [],
        "namespaceResourceWhitelist": _kinds(layer.kinds),
    }


def application_spec(spec: GitOpsSpec, layer: Handover) -> dict[str, Any]:
    """Spec of the Application. It has no finalizer: deleting it leaves the objects to their next writer."""
    options = [*_SYNC_OPTIONS, _WITH_DEFINITIONS] if layer.whole_cluster else _SYNC_OPTIONS
    return {
        "project": delivery_name(layer.layer),
        "source": {"repoURL": spec.repository, "targetRevision": spec.revision, "path": layer.folder},
        "destination": _destination(layer),
        "syncPolicy": {
            # What leaves the repository leaves the cluster, and what is changed by hand is changed back; a folder
            # that is suddenly empty is a mistake.
            "automated": {"prune": True, "selfHeal": True, "allowEmpty": False},
            "syncOptions": sorted(options),
            # For ever: what it waits for (a layer below, a node) may take hours.
            "retry": {"limit": -1, "backoff": {"duration": "30s", "factor": 2, "maxDuration": "10m"}},
        },
        **({"ignoreDifferences": _ignored(layer.others)} if layer.others else {}),
    }


def _destination(layer: Handover) -> dict[str, str]:
    """Every object says its own namespace; one of the layer's stands here all the same, since a project that admits
    some namespaces refuses an application without any (argo-cd v3.5.3, ValidatePermissions)."""
    return {"server": _IN_CLUSTER, **({"namespace": min(layer.namespaces)} if layer.namespaces else {})}


def _kinds(kinds: Iterable[ObjectKind]) -> list[dict[str, str]]:
    return [{"group": each.group, "kind": each.kind} for each in sorted(kinds)]


def _ignored(fields: Iterable[OthersField]) -> list[dict[str, Any]]:
    """Fields of other writers, by kind: they are never compared, and never written either."""
    return [
        {"group": kind.group, "kind": kind.kind, "jqPathExpressions": [_expression(item.path) for item in group]}
        for kind, group in groupby(sorted(fields), key=lambda item: item.kind)
    ]


def _expression(path: str) -> str:
    """A jq path: one step into a list stands for all its items, and a key with dots in it is quoted."""
    for parent in ("metadata.annotations.", "metadata.labels."):
        if path.startswith(parent):
            return f'.{parent[:-1]}["{path.removeprefix(parent)}"]'
    return "".join(f".{step}{'[]?' if step in _LISTS else ''}" for step in path.split("."))
