"""Cross-check of the ownership section: who answers is there."""

from __future__ import annotations

from bedplate.environment.checks.reporter import Reporter
from bedplate.environment.environment import Environment
from bedplate.environment.ownership import PARTS


def check_ownership(environment: Environment, report: Reporter) -> None:
    """No provider answers where there is no cloud, and nobody for an account that is not there."""
    if environment.aws is not None:
        return
    for index, item in enumerate(environment.ownership.responsibilities):
        path = ("ownership", "responsibilities", index)
        if item.name == "account":
            report.add((*path, "name"), "there is no account: cloud.provider is none", hint="remove the entry")
        elif item.party == "provider":
            others = tuple(party for party in PARTS[item.name].parties if party != "provider")
            report.add((*path, "party"), "there is no provider: cloud.provider is none", allowed=others)
