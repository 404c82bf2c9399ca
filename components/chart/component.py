"""A Helm chart that was expanded once: its objects, registered like any other, under policy like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.base import Place, PlatformComponent

# Kinds that others need to exist first; the rest waits for them.
_FIRST = ("Namespace", "CustomResourceDefinition")


class VendoredChart(PlatformComponent):
    """Every object of `objects` (whole manifests), namespaces and custom resource definitions before the others.

    Secret contents never reach a plan: they are marked secret. `ready` is what others of the cluster wait for.
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
        first = [item for item in objects if item["kind"] in _FIRST]
        rest = [item for item in objects if item["kind"] not in _FIRST]
        made_first = [self._register(item, after) for item in first]
        self.ready = (*made_first, *(self._register(item, [*after, *made_first]) for item in rest))
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
            "-".join(part for part in parts if part),
            properties,
            self.child(depends_on=after),
        )


def _type(api_version: str, kind: str) -> str:
    """Pulumi's type token of a kind: the group ``core`` where Kubernetes leaves it out."""
    return f"kubernetes:{api_version if '/' in api_version else f'core/{api_version}'}:{kind}"
