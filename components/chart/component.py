"""A Helm chart that was expanded once: its objects, registered like any other, under policy like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.base import Place, PlatformComponent, object_labels

# Kinds that others need to exist first.
_FIRST = ("Namespace", "CustomResourceDefinition")
_HOOK = "helm.sh/hook"
_HOOK_WEIGHT = "helm.sh/hook-weight"
_BEFORE = frozenset({"pre-install", "pre-upgrade"})
_AFTER = frozenset({"post-install", "post-upgrade"})


class ChartNamespaces(PlatformComponent):
    """Namespaces that charts are installed into and do not bring themselves. `ready` holds them."""

    ready: tuple[pulumi.Resource, ...]

    def __init__(self, name: str, namespaces: Sequence[str], *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, Place("platform", "addons"), opts)
        self.ready = tuple(
            k8s.core.v1.Namespace(
                f"{name}-{namespace}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=namespace, labels=object_labels("addons")),
                opts=self.child(),
            )
            for namespace in namespaces
        )
        self.register_outputs({})


class VendoredChart(PlatformComponent):
    """Every object of `objects` (whole manifests), in steps that wait for each other.

    Definitions and namespaces come first, then Helm's hooks that precede an install, by weight, then everything else,
    then the hooks that follow. Secret contents never reach a plan: they are marked secret. `ready` is what others of
    the cluster wait for.
    """

    ready: tuple[pulumi.Resource, ...]

    def __init__(
        self,
        name: str,
        objects: Sequence[Mapping[str, Any]],
        *,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`after` are the charts and nodes that this one needs."""
        super().__init__(name, Place("platform", f"addons[{name}]"), opts)
        self._name = name
        made: list[pulumi.Resource] = []
        before = tuple(after)
        for _, step in groupby(sorted(objects, key=_step), key=_step):
            before = tuple(self._register(item, before) for item in step)
            made += before
        self.ready = tuple(made)
        self.register_outputs({})

    def _register(self, manifest: Mapping[str, Any], after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        metadata = manifest["metadata"]
        parts = (self._name, manifest["kind"].lower(), metadata.get("namespace", ""), metadata["name"])
        properties = dict(manifest)
        for key in ("data", "stringData"):
            if manifest["kind"] == "Secret" and key in properties:
                properties[key] = pulumi.Output.secret(properties[key])
        return pulumi.CustomResource(
            _type(manifest["apiVersion"], manifest["kind"]),
            # A slash stands in no name of Kubernetes: no two objects share a joined name.
            "/".join(part for part in parts if part),
            properties,
            self.child(depends_on=after),
        )


def _step(manifest: Mapping[str, Any]) -> tuple[int, int]:
    """When an object is registered: its step, and its weight among the hooks of that step."""
    if manifest["kind"] in _FIRST:
        return 0, 0
    annotations = manifest["metadata"].get("annotations") or {}
    events = {event.strip() for event in str(annotations.get(_HOOK, "")).split(",")}
    weight = _weight(annotations.get(_HOOK_WEIGHT))
    if events & _BEFORE:
        return 1, weight
    return (3, weight) if events & _AFTER else (2, 0)


def _weight(text: object) -> int:
    """A hook's weight; 0 where it is absent or no whole number, as Helm reads it."""
    try:
        return int(str(text))
    except ValueError:
        return 0


def _type(api_version: str, kind: str) -> str:
    """Pulumi's type token of a kind: the group ``core`` where Kubernetes leaves it out."""
    return f"kubernetes:{api_version if '/' in api_version else f'core/{api_version}'}:{kind}"
