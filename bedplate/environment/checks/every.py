"""Every cross-check, in one run: what cannot be built is an error before anything is planned."""

from __future__ import annotations

from bedplate.environment.checks.baseline import check_baseline
from bedplate.environment.checks.bootstrap import check_bootstrap
from bedplate.environment.checks.cluster import check_cluster
from bedplate.environment.checks.delivery import check_delivery
from bedplate.environment.checks.extensions import check_extensions
from bedplate.environment.checks.floor import check_floor
from bedplate.environment.checks.gpu_agents import check_gpu_agents
from bedplate.environment.checks.gpu_health import check_gpu_health
from bedplate.environment.checks.gpu_operator import check_gpu_operator
from bedplate.environment.checks.keys import check_keys
from bedplate.environment.checks.model_devices import check_quotas
from bedplate.environment.checks.models import check_models
from bedplate.environment.checks.network import check_network
from bedplate.environment.checks.ownership import check_ownership
from bedplate.environment.checks.place import check_place
from bedplate.environment.checks.platform import check_platform
from bedplate.environment.checks.pools import check_pools
from bedplate.environment.checks.repeats import check_repeats
from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.source import Problem


def cross_check(resolved: ResolvedEnvironment) -> list[Problem]:
    """Problems of `resolved`, each with its place; empty where everything fits."""
    report = Reporter(resolved.tree)
    facts = resolved.catalog
    check_baseline(resolved, facts, report)
    check_place(resolved, report)
    check_ownership(resolved.environment, report)
    check_platform(resolved, facts, report)
    check_network(resolved, facts, report)
    check_cluster(resolved, facts, report)
    check_keys(resolved.environment, report)
    check_pools(resolved, facts, report)
    check_gpu_agents(resolved.environment, report)
    check_gpu_operator(resolved, facts, report)
    check_gpu_health(resolved.environment, facts, report)
    check_bootstrap(resolved, facts, report)
    check_delivery(resolved, report)
    check_models(resolved, facts, report)
    check_extensions(resolved, report)
    check_quotas(resolved, facts, report)
    check_floor(resolved, report)
    check_repeats(resolved, report)
    return report.problems
