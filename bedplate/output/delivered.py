"""The folder that a GitOps controller reads: a layer of the environment each, as the Graph says who applies it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath

from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import KubernetesObject, kubernetes_objects, portable_manifest
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json
from bedplate.output.manifests import Delivery, Manifests, in_waves, kustomization
from bedplate.output.waves import waves
from bedplate.output.yaml_text import to_yaml

_LAYERS = ("platform", "models")


def delivered(graph: Graph) -> Manifests:
    """Files of every layer that Argo CD or Flux applies, below the folder of the environment or site.

    Argo CD orders the waves of a layer by itself. Flux applies a layer whole, or in Kustomizations that wait for each
    other where the one that Pulumi registers reads them (its path ends in ``/flux``). Raises ManifestError as
    `manifests` does.
    """
    listed: list[tuple[str, tuple[str, ...]]] = []
    files: dict[str, str] = {}
    for layer in _LAYERS:
        groups = waves(graph, partial(_is_left, layer))
        if not groups:
            continue
        inside, made = in_waves(groups, _writer(groups))
        folders = [folder for folder, _ in inside]
        root = _kustomization_of(graph, layer)
        made |= dict(_one_after_the_other(root, folders)) if root else {"kustomization.yaml": kustomization(folders)}
        files |= {f"{layer}/{name}": text for name, text in made.items()}
        listed += [(f"{layer}/{folder}", names) for folder, names in inside]
    return Manifests(graph.environment, graph.digest, tuple(listed), files)


def _is_left(layer: str, resource: Resource) -> bool:
    """Whether `resource` belongs to `layer` and somebody else than Pulumi applies it."""
    return bool(resource.writer) and resource.layer == layer


def _writer(groups: Sequence[Sequence[KubernetesObject]]) -> Delivery:
    return "argocd" if groups[0][0].resource.writer == "argocd" else "flux"


def _kustomization_of(graph: Graph, layer: str) -> KubernetesObject | None:
    """Flux's Kustomization of a layer in several waves; None where one does for the whole."""
    for item in kubernetes_objects(graph, derived=False):
        if item.kind == "Kustomization" and item.get("spec", "path", default="").endswith(f"/{layer}/flux"):
            return item
    return None


def _one_after_the_other(root: KubernetesObject, folders: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A Kustomization like `root` for each of `folders` beside its own, waiting for the one before."""
    whole = portable_manifest(root)
    base = PurePosixPath(whole["spec"]["path"]).parent
    for index, folder in enumerate(folders):
        name = f"{root.name}-{folder}"
        spec: dict[str, Json] = {**whole["spec"], "path": f"./{base / folder}"}
        spec.pop("dependsOn", None)
        if index:
            spec["dependsOn"] = [{"name": f"{root.name}-{folders[index - 1]}"}]
        metadata = {**whole["metadata"], "name": name}
        yield f"flux/{name}.yaml", to_yaml({**whole, "metadata": metadata, "spec": spec})
    yield "flux/kustomization.yaml", kustomization([f"{root.name}-{folder}.yaml" for folder in folders])
