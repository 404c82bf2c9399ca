"""Cross-checks of EKS managed node groups."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.environment.checks.pool_capacity import check_capacity
from bedplate.environment.checks.pool_images import check_image
from bedplate.environment.checks.pool_nodes import check_marks, check_repair, check_warm_pool
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.facts import PoolFacts
from bedplate.environment.resolve import ResolvedEnvironment


def check_managed(
    path: Path, facts: PoolFacts, resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter
) -> None:
    """EKS and EC2 will take the pool as it is. Its instance types are all in the catalogue."""
    check_image(path, facts, resolved, catalog, report)
    check_capacity(path, facts, resolved.environment, catalog, report)
    check_marks(path, facts, report)
    check_repair(path, facts, catalog, report)
    check_warm_pool(path, facts, report)
