"""What policies say, offline and through the engine, in one form: policy, resource, level and words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pulumi.runtime.proto import analyzer_pb2 as pb

from bedplate.engine.policy_pack import message
from bedplate.policy.evaluate import PolicyReport


def expected(report: PolicyReport) -> list[tuple[str, str, str, str]]:
    """Policy, registered resource, level and words of everything that is found offline."""
    return sorted(
        (
            violation.rule.id,
            violation.resource.derived_from or violation.resource.urn,
            "mandatory" if violation.blocks else "advisory",
            message(violation),
        )
        for violation in report.violations
    )


def told(found: Iterable[pb.AnalyzeDiagnostic]) -> list[tuple[str, str, str, str]]:
    levels = {pb.MANDATORY: "mandatory", pb.ADVISORY: "advisory"}
    return sorted((item.policyName, item.urn, levels[item.enforcementLevel], item.message) for item in found)


def told_by_engine(events: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    return sorted(
        (event["policyName"], event["resourceUrn"], event["enforcementLevel"], event["message"].rstrip("\n"))
        for event in policy_events(events)
    )


def policy_events(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event["policyEvent"] for event in events if "policyEvent" in event]
