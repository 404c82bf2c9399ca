"""The layer `models`: every model service."""

from __future__ import annotations

from bedplate.environment.resolve import ResolvedEnvironment
from components.model_service.component import ModelService
from stacks.layer_cluster import ClusterLayer
from stacks.layer_platform import PlatformLayer


def make_models_layer(resolved: ResolvedEnvironment, cluster: ClusterLayer, platform: PlatformLayer) -> None:
    """Register the layer."""
    environment = resolved.environment
    for model in environment.models:
        team = platform.teams[model.team]
        ModelService(
            f"{model.team}-{model.name}",
            model,
            release=resolved.release(model.release),
            team=team,
            pool=cluster.pools[model.pool],
            serving=platform.serving,
            store=cluster.stores.get(model.weights),
            cluster_name=cluster.cluster.name,
            cluster_address=cluster.cluster.address,
            account=environment.account,
            region=environment.region,
            after=platform.ready.get(team.name, ()),
            opts=cluster.delivered_on_both("models"),
        )
