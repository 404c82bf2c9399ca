"""The only place where components meet: an environment, from the account up to its models.

Each layer is a module of its own. Where a layer belongs to another stack, the layers above it get the same handles,
described instead of made.
"""

from __future__ import annotations

from collections.abc import Collection

from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.stacks import LAYERS, Layer
from stacks.layer_bootstrap import make_bootstrap_layer
from stacks.layer_cluster import described_cluster_layer, export_for_upper_layers, make_cluster_layer
from stacks.layer_models import make_models_layer
from stacks.layer_platform import described_platform_layer, make_platform_layer
from stacks.own_components import extend_cluster_layer, extend_upper_layer
from stacks.providers import Providers


def compose(resolved: ResolvedEnvironment, layers: Collection[Layer] = LAYERS) -> None:
    """Register every resource of `layers` with whichever engine listens: Pulumi's, or the recorder."""
    providers = Providers(resolved)
    if "bootstrap" in layers:
        make_bootstrap_layer(resolved, providers)
    if "cluster" in layers:
        cluster = make_cluster_layer(resolved, providers)
        extend_cluster_layer(resolved, cluster)
        if "platform" not in layers:
            export_for_upper_layers(cluster)
    elif {"platform", "models"} & set(layers):
        cluster = described_cluster_layer(resolved, providers)
    else:
        return
    platform = make_platform_layer(resolved, cluster) if "platform" in layers else described_platform_layer(resolved)
    if "platform" in layers:
        extend_upper_layer("platform", resolved, cluster, platform)
    if "models" in layers:
        make_models_layer(resolved, cluster, platform)
        extend_upper_layer("models", resolved, cluster, platform)


def compose_stack(resolved: ResolvedEnvironment, layer: Layer | None) -> None:
    """Register what the stack holds that is called after `layer`, or after the environment alone (None).

    Raises ValueError where the environment has no such stack, with the names of those that it has.
    """
    asked = f"{resolved.name}.{layer}" if layer else resolved.name
    stacks = {stack.name: stack for stack in resolved.stacks()}
    if asked not in stacks:
        raise ValueError(f"there is no stack {asked}: {resolved.name} has {', '.join(stacks)}")
    compose(resolved, stacks[asked].layers)
