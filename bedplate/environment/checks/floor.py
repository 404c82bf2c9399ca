"""Cross-checks against the floor: an environment may tighten it, never loosen it."""

from __future__ import annotations

from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.floor import LEVELS, POD_SECURITY, Floor, FloorSpec
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.tree import locate
from components.cluster.spec import ClusterSpec


def check_floor(resolved: ResolvedEnvironment, report: Reporter) -> None:
    """Nothing in the environment lies below the platform repository's floor."""
    if resolved.floor is None:
        return
    _pod_security(resolved, resolved.floor, report)
    _registries(resolved, resolved.floor, report)
    _retention(resolved, resolved.floor, report)
    _levels(resolved, resolved.floor, report)


def _pod_security(resolved: ResolvedEnvironment, floor: Floor, report: Reporter) -> None:
    least, own = floor.spec.pod_security, resolved.environment.guardrails.pod_security
    if least is not None and POD_SECURITY.index(own) < POD_SECURITY.index(least):
        allowed = POD_SECURITY[POD_SECURITY.index(least) :]
        message = f"{own} is looser than the floor, {least} ({_place(floor, 'podSecurity')})"
        report.add(("guardrails", "podSecurity"), message, allowed=allowed)


def _registries(resolved: ResolvedEnvironment, floor: Floor, report: Reporter) -> None:
    allowed = floor.spec.registries
    for index, prefix in enumerate(resolved.environment.guardrails.registries):
        if allowed and not prefix.startswith(allowed):
            message = f"{prefix!r} lies below no prefix of the floor ({_place(floor, 'registries')})"
            report.add(("guardrails", "registries", index), message, allowed=allowed)


def _retention(resolved: ResolvedEnvironment, floor: Floor, report: Reporter) -> None:
    least, cluster = floor.spec.log_retention_days, resolved.environment.cluster
    if least is None or not isinstance(cluster, ClusterSpec):
        return
    place = _place(floor, "logRetentionDays")
    if cluster.log_retention_days < least:
        message = f"{cluster.log_retention_days} days are fewer than the floor, {least} ({place})"
        report.add(("cluster", "logRetentionDays"), message)
    if "audit" not in cluster.logs:
        message = f"leaves out the audit log, and the floor keeps it for {least} days ({place})"
        report.add(("cluster", "logs"), message, hint="add audit")


def _levels(resolved: ResolvedEnvironment, floor: Floor, report: Reporter) -> None:
    spec: FloorSpec = floor.spec
    for index, item in enumerate(resolved.environment.policies.levels):
        least = spec.least_level(item.policy)
        if LEVELS.index(item.level) < LEVELS.index(least):
            message = f"{item.level} is looser than the floor, {least} ({_place(floor, 'policies')})"
            allowed = LEVELS[LEVELS.index(least) :]
            report.add(("policies", "levels", index, "level"), message, allowed=allowed)


def _place(floor: Floor, key: str) -> str:
    """Where the floor says it."""
    return str(locate(floor.tree, (key,)))
