"""Kubernetes manifests of an environment as files in waves, for kubectl, Argo CD or Flux."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import KubernetesObject, ObjectId, portable_manifest
from bedplate.graph.values import Json, format_path, is_secret, is_unknown, walk
from bedplate.output.documents.answers import ManifestsDocument
from bedplate.output.waves import waves
from bedplate.output.yaml_text import to_yaml

Delivery: TypeAlias = Literal["kubectl", "argocd", "flux"]

SYNC_WAVE = "argocd.argoproj.io/sync-wave"
# Kinds that go with everything in them: Flux would delete them when they move from one wave to another, and so does
# Argo CD when they leave the folder, unless a person agrees.
_NEVER_PRUNED = frozenset({"CustomResourceDefinition", "Namespace", "PersistentVolumeClaim"})
_KEPT: Mapping[str, Mapping[str, str]] = {
    "argocd": {"argocd.argoproj.io/sync-options": "Prune=confirm"},
    "flux": {"kustomize.toolkit.fluxcd.io/prune": "disabled"},
}
_NOT_IN_NAMES = re.compile(r"[^a-z0-9.-]")
# File systems take 255 bytes; this leaves room for a digest and the ending.
_LONGEST_NAME = 200


class ManifestError(Exception):
    """An object cannot be written as a manifest; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Manifests:
    """Files below the target folder, by posix path, and the waves that they stand in."""

    environment: str
    graph_digest: str
    waves: tuple[tuple[str, tuple[str, ...]], ...]
    files: Mapping[str, str]

    def to_json(self) -> ManifestsDocument:
        return {
            "schema": "bedplate.manifests/v1",
            "environment": self.environment,
            "graphDigest": self.graph_digest,
            "waves": [{"folder": folder, "files": list(files)} for folder, files in self.waves],
            "files": sorted(self.files),
        }


def manifests(graph: Graph, *, delivery: Delivery, path: str) -> Manifests:
    """All registered objects of `graph` as files. `path` is where Flux finds the folder in its source.

    Raises ManifestError for an object that holds a secret or a value that only apply can tell.
    """
    listed, files = in_waves(waves(graph), delivery)
    folders = [folder for folder, _ in listed]
    if delivery == "argocd":
        files["kustomization.yaml"] = kustomization(folders)
    if delivery == "flux":
        files.update(_flux(graph.environment, folders, path))
    return Manifests(graph.environment, graph.digest, listed, files)


def in_waves(
    groups: Sequence[Sequence[KubernetesObject]], delivery: Delivery
) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], dict[str, str]]:
    """A folder for each of `groups`, with the names of its objects' files; and every file by its path."""
    folders = [str(number).zfill(max(2, len(str(len(groups) - 1)))) for number in range(len(groups))]
    names = _file_names([item.id for group in groups for item in group])
    files: dict[str, str] = {}
    listed: list[tuple[str, tuple[str, ...]]] = []
    for number, (folder, group) in enumerate(zip(folders, groups, strict=True)):
        for item in group:
            files[f"{folder}/{names[item.id]}"] = to_yaml(_manifest(item, delivery, number))
        inside = tuple(sorted(names[item.id] for item in group))
        files[f"{folder}/kustomization.yaml"] = kustomization(inside)
        listed.append((folder, inside))
    return tuple(listed), files


def _manifest(item: KubernetesObject, delivery: Delivery, wave: int) -> dict[str, Json]:
    for path, value in walk(item.manifest):
        if is_secret(value) or is_unknown(value):
            what = "a secret" if is_secret(value) else "known only after apply"
            advice = "let an operator fetch it (External Secrets)" if is_secret(value) else "make it an input"
            raise ManifestError(f"{item.id}: {format_path(path)} is {what}, so no file can hold it: {advice}")
    manifest = portable_manifest(item)
    added: dict[str, str] = {}
    if delivery == "argocd":
        added[SYNC_WAVE] = str(wave)
    if item.kind in _NEVER_PRUNED:
        added |= _KEPT.get(delivery, {})
    if added:
        metadata = manifest["metadata"]
        metadata["annotations"] = {**(metadata.get("annotations") or {}), **added}
    return manifest


def _file_names(identities: Sequence[ObjectId]) -> dict[ObjectId, str]:
    """``<kind>-<namespace>-<name>.yaml``; with a digest where that is not unique, not whole or not a file name."""
    spelled = {identity: _spelled(identity) for identity in identities}
    counts = Counter(_safe(name) for name in spelled.values())
    return {
        identity: f"{_safe(name)}{'' if _safe(name) == name and counts[name] == 1 else _digest(identity)}.yaml"
        for identity, name in spelled.items()
    }


def _spelled(identity: ObjectId) -> str:
    parts = (identity.kind.lower(), identity.namespace, identity.name)
    return "-".join(part for part in parts if part)


def _safe(name: str) -> str:
    return _NOT_IN_NAMES.sub("_", name.lower())[:_LONGEST_NAME]


def _digest(identity: ObjectId) -> str:
    text = "\0".join((identity.api_version, identity.kind, identity.namespace, identity.name))
    return f"-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def kustomization(resources: Sequence[str]) -> str:
    """What kustomize reads in a folder: which files and folders belong to it."""
    return to_yaml(
        {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": sorted(resources)}
    )


def _flux(environment: str, folders: Sequence[str], path: str) -> Iterator[tuple[str, str]]:
    """One Flux Kustomization per wave, each waiting until the one before is ready."""
    names = [f"bedplate-{environment}-{folder}" for folder in folders]
    for index, (name, folder) in enumerate(zip(names, folders, strict=True)):
        spec: dict[str, Json] = {
            "interval": "10m",
            "path": f"./{path}/{folder}" if path else f"./{folder}",
            "prune": True,
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
            "timeout": "30m",
            "wait": True,
        }
        if index:
            spec["dependsOn"] = [{"name": names[index - 1]}]
        document = {
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": {"name": name, "namespace": "flux-system"},
            "spec": spec,
        }
        yield f"flux/{name}.yaml", to_yaml(document)
