"""The layer `bootstrap`: state, trust in CI systems, and one role per layer."""

from __future__ import annotations

from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.stacks import stacks_of
from components.bootstrap.component import Bootstrap, IamTables, StatePlace
from components.bootstrap.location import state_key, state_location
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
        attached=[arn for addon in environment.addons if addon.source == "eks" for arn in addon.policies],
        tables=IamTables(actions=tuple(tables.iam_actions.values()), boundaries=tuple(tables.iam_boundaries.values())),
        opts=providers.on_aws,
    )
