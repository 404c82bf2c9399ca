"""What policies read in pods: containers and volumes, each with the path that a finding shows."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque

_CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")


def containers(pod: Resource) -> Iterator[tuple[str, Json]]:
    """Every container of `pod`, as in ``("spec.containers[server]", {…})``.

    Where a list or an item of it cannot be told offline, its mark comes in its place; `get` below it gives that mark.
    """
    for kind in _CONTAINER_LISTS:
        yield from _items(pod, kind)


def volumes(pod: Resource) -> Iterator[tuple[str, Json]]:
    """Every volume of `pod`; marks as with `containers`."""
    yield from _items(pod, "volumes")


def _items(pod: Resource, kind: str) -> Iterator[tuple[str, Json]]:
    items = get(pod.inputs, "spec", kind) or ()
    if is_opaque(items):
        yield f"spec.{kind}", items
        return
    for index, item in enumerate(items):
        name = get(item, "name")
        yield f"spec.{kind}[{name if isinstance(name, str) else index}]", item
