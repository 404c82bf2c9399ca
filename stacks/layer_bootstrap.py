"""The layer `bootstrap`: state, trust in CI systems, and one role per layer."""

from __future__ import annotations

from bedplate.environment.environment import Environment
from bedplate.environment.karpenter import cluster_name
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.stacks import stacks_of
from components.bootstrap.component import Bootstrap, IamTables, StatePlace
from components.bootstrap.duties import Surroundings
from components.bootstrap.location import state_key, state_location
from components.cluster.spec import ClusterSpec
from stacks.providers import Providers


def make_bootstrap_layer(resolved: ResolvedEnvironment, providers: Providers) -> None:
    """Register the layer, where the environment has one."""
    environment = resolved.environment
    if environment.bootstrap is None:
        return
    tables = resolved.catalog
    Bootstrap(
        "bootstrap",
        environment.bootstrap,
        environment=environment.name,
        account=environment.account,
        region=environment.region,
        state=StatePlace(
            location=state_location(environment.state.backend), key=state_key(environment.state.secrets_provider)
        ),
        stacks=[stack.name for stack in stacks_of(resolved.name, layered=True)],
        purge=environment.tier == "development",
        around=_surroundings(environment),
        tables=IamTables(actions=tuple(tables.iam_actions.values()), boundaries=tuple(tables.iam_boundaries.values())),
        opts=providers.on_aws,
    )


def _surroundings(environment: Environment) -> Surroundings:
    cluster = environment.cluster
    key = cluster.encryption.key_arn if isinstance(cluster, ClusterSpec) else None
    return Surroundings(
        cluster=cluster_name(environment),
        policies=tuple(arn for addon in environment.addons if addon.source == "eks" for arn in addon.policies),
        cluster_keys=(key,) if key else (),
        disk_keys=tuple(sorted({key for pool in environment.karpenter_pools if (key := pool.disk.kms_key_arn)})),
    )
