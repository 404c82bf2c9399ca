"""Cross-check of components of the repository's own: what they are made in is there."""

from __future__ import annotations

from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.resolve import ResolvedEnvironment


def check_extensions(resolved: ResolvedEnvironment, report: Reporter) -> None:
    """No component that makes AWS objects stands in an environment without an account."""
    if resolved.environment.aws is not None:
        return
    for component in resolved.components:
        if "account" in component.extension.makes_in:
            message = f"{component.name} makes objects in an AWS account, and cloud.provider is none"
            report.add(("extensions", component.key), message, hint="leave it out here")
