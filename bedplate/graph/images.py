"""Container images that the pods of a Graph run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedplate.graph.derive.expand import pod_groups
from bedplate.graph.graph import Graph


@dataclass(frozen=True, slots=True)
class ImageUse:
    """An image, without digest: the digests that pods name it with, and the objects that need it, all sorted."""

    reference: str
    digests: tuple[str, ...]
    needed_by: tuple[str, ...]


def image_uses(graph: Graph) -> tuple[ImageUse, ...]:
    """Every image of every container (init containers included) of `graph` with derived pods, by reference."""
    digests: dict[str, set[str]] = {}
    needed: dict[str, set[str]] = {}
    for group in pod_groups(graph):
        for kind in ("initContainers", "containers"):
            for container in group.spec.get(kind, ()):
                reference, _, digest = str(container["image"]).partition("@")
                needed.setdefault(reference, set()).add(str(group.resource.options["owner"]))
                digests.setdefault(reference, set()).update({digest} - {""})
    return tuple(ImageUse(name, tuple(sorted(digests[name])), tuple(sorted(needed[name]))) for name in sorted(needed))


def images_of(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """Every image that pods of `graph` run, without digest, and the objects that need it, sorted."""
    return {use.reference: use.needed_by for use in image_uses(graph)}
