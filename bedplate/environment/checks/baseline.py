"""Cross-checks of single versions that differ from the baseline's."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.parts import override_problem
from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.resolve import ResolvedEnvironment
from components.cluster.spec import ExistingClusterSpec


def check_baseline(resolved: ResolvedEnvironment, catalog: Catalog, report: Reporter) -> None:
    """Every override names a part that there is, another version of it than the baseline's, and one that is known."""
    environment = resolved.environment
    row = catalog.baselines[environment.baseline]
    for index, override in enumerate(environment.baseline_overrides):
        path: Path = ("baselineOverrides", index)
        problem = override_problem(row, override.part, override.value, catalog.baseline_parts)
        if problem is not None:
            report.add((*path, problem.field), problem.message, allowed=problem.allowed, hint=problem.hint)
        elif override.part == "kubernetes" and not isinstance(environment.cluster, ExistingClusterSpec):
            _offered((*path, "value"), override.value, catalog, report)
        elif override.part == "kserve":
            _described((*path, "value"), override.value, catalog, report)
    parts = [override.part for override in environment.baseline_overrides]
    report.unique(("baselineOverrides",), parts, "part")


def _offered(path: Path, kubernetes: str, catalog: Catalog, report: Reporter) -> None:
    if kubernetes not in catalog.kubernetes_versions:
        message = f"EKS does not offer Kubernetes {kubernetes}, or the catalogue does not know it"
        report.add(path, message, allowed=tuple(sorted(catalog.kubernetes_versions)))


def _described(path: Path, kserve: str, catalog: Catalog, report: Reporter) -> None:
    """What KServe makes of a model service is derived by facts about that release."""
    try:
        catalog.kserve(kserve)
    except LookupError as error:
        report.add(path, str(error))
