"""What Flux is told: where the repository is, and a Kustomization for each layer that acts with rights of its own.

Sources, read 2026-11-28: fluxcd/kustomize-controller v1.7.3, docs/spec/v1/kustomizations.md; fluxcd/source-controller
v1.8.5, docs/spec/v1/{gitrepositories,ocirepositories}.md; kserve/kserve v0.20.0, status of InferenceService.
"""

from __future__ import annotations

import re
from typing import Any

from components.delivery.layers import Handover, delivery_name
from components.delivery.spec import GitOpsSpec

SOURCE = "bedplate"
"""Name of the object that says where the repository is."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_OCI = "oci://"

# Nodes, images and weights of a first start: as long as the engine waits for a model service.
_TIMEOUT = "45m"

_READY = "status.conditions.exists(each, each.type == 'Ready' && each.status == 'True')"
_FAILED = "has(status.modelStatus) && status.modelStatus.transitionStatus in ['BlockedByFailedLoad', 'InvalidSpec']"
_HEALTH = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "current": _READY, "failed": _FAILED}


def source_kind(spec: GitOpsSpec) -> str:
    """The kind that reads `spec.repository`."""
    return "OCIRepository" if spec.repository.startswith(_OCI) else "GitRepository"


def source_spec(spec: GitOpsSpec) -> dict[str, Any]:
    """Spec of the GitRepository or OCIRepository."""
    ref = _artifact(spec.revision) if spec.repository.startswith(_OCI) else _git(spec.revision)
    secret = {"secretRef": {"name": spec.credentials}} if spec.credentials else {}
    return {"interval": "5m", "timeout": "2m", "url": spec.repository, "ref": ref, **secret}


def kustomization_spec(spec: GitOpsSpec, layer: Handover) -> dict[str, Any]:
    """Spec of the Kustomization of a whole layer. Deleting it leaves the objects to their next writer."""
    after = [{"name": delivery_name(below)} for below in layer.after]
    return {
        "interval": "10m",
        "retryInterval": "1m",
        "timeout": _TIMEOUT,
        "path": f"./{_inside(layer)}",
        "prune": True,
        "deletionPolicy": "Orphan",
        "wait": True,
        "serviceAccountName": delivery_name(layer.layer),
        "sourceRef": {"kind": source_kind(spec), "name": SOURCE},
        **({"healthCheckExprs": [_HEALTH]} if any(each.kind == _HEALTH["kind"] for each in layer.kinds) else {}),
        **({"dependsOn": after} if after else {}),
    }


def rules(layer: Handover) -> list[dict[str, Any]]:
    """What the layer's account may do in a namespace of the layer: write the layer's kinds, and nothing else."""
    groups: dict[str, list[str]] = {}
    for each in sorted(layer.kinds):
        groups.setdefault(each.group, []).append(each.resource)
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    return [{"apiGroups": [group], "resources": resources, "verbs": verbs} for group, resources in groups.items()]


def _inside(layer: Handover) -> str:
    """The folder that Flux applies: of a layer with definitions it holds Kustomizations, one for each wave."""
    return f"{layer.folder}/flux" if layer.whole_cluster else layer.folder


def _git(revision: str) -> dict[str, str]:
    if _COMMIT.fullmatch(revision):
        return {"commit": revision}
    return {"name" if revision.startswith("refs/") else "branch": revision}


def _artifact(revision: str) -> dict[str, str]:
    return {"digest" if revision.startswith("sha256:") else "tag": revision}
