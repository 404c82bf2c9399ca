"""Components of the platform repository's own, in the layer that each of them names.

They come after everything that Bedplate makes in that layer, and nothing of Bedplate's waits for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

import pulumi

from bedplate.environment.registry import mirrored
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.extensions.code import held_apart
from bedplate.extensions.components import OwnComponent
from bedplate.extensions.extension import ExtensionLayer
from bedplate.model.source import InputError, Position, Problem
from components.base import Place, PlatformComponent
from stacks.layer_cluster import ClusterLayer
from stacks.layer_platform import PlatformLayer

Handles: TypeAlias = Mapping[str, object]


def extend_cluster_layer(resolved: ResolvedEnvironment, cluster: ClusterLayer) -> None:
    """Register the components of the layer `cluster`."""
    _extend("cluster", resolved, cluster, {"network": cluster.network, "after": cluster.ready})


def extend_upper_layer(
    layer: ExtensionLayer, resolved: ResolvedEnvironment, cluster: ClusterLayer, platform: PlatformLayer
) -> None:
    """Register the components of the layer `platform` or `models`."""
    more = {"teams": platform.teams, "serving": platform.serving, "after": platform.serving.ready}
    _extend(layer, resolved, cluster, more)


def _extend(layer: ExtensionLayer, resolved: ResolvedEnvironment, cluster: ClusterLayer, more: Handles) -> None:
    environment = resolved.environment
    handles: Handles = {
        "account": environment.account,
        "cluster": cluster.cluster,
        "environment": environment.name,
        "image": lambda reference: _image(resolved, reference),
        "pools": cluster.pools,
        "region": environment.region,
        "stores": cluster.stores,
        "tier": environment.tier,
        **more,
    }
    for component in resolved.components:
        if component.extension.layer == layer:
            _make(component, resolved, handles, _options(component, cluster))


def _options(component: OwnComponent, cluster: ClusterLayer) -> pulumi.ResourceOptions:
    """The providers of the places that the component makes objects in, and of no other."""
    places = component.extension.makes_in
    if "account" not in places:
        return cluster.on_cluster
    return cluster.on_both if "cluster" in places else cluster.providers.on_aws


def _make(
    component: OwnComponent, resolved: ResolvedEnvironment, handles: Handles, opts: pulumi.ResourceOptions
) -> None:
    spec = getattr(resolved.environment.extensions, component.name)
    asked = {name: _read_only(handles[name]) for name in component.asks}
    cls = component.load_class()
    with held_apart(component.file, f"{component.class_name} fails in {resolved.name}"):
        made = cls(component.label, spec, **asked, opts=opts)
    place = Place(component.extension.layer, component.entry)
    if not isinstance(made, PlatformComponent) or (made.place.layer, made.place.entry) != (place.layer, place.entry):
        message = (
            f"{component.class_name} must be a PlatformComponent whose place is "
            f"Place(layer={place.layer!r}, entry={place.entry!r})"
        )
        raise InputError([Problem(Position(component.file, 1, 1), "", message)])


def _read_only(handle: object) -> object:
    """What a component is handed is Bedplate's, and others are handed it too."""
    return MappingProxyType(handle) if isinstance(handle, dict) else handle


def _image(resolved: ResolvedEnvironment, reference: str) -> str:
    """`reference` as nodes pull it: with its digest where the lock knows one, from the registry of the site."""
    return mirrored(resolved.lock.pinned(reference) if resolved.lock else reference, resolved.registry)
