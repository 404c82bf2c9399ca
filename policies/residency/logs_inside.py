"""Logs live where residency says."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.environment.residency import logs_kept
from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity
from bedplate.policy.regions import foreign_arns, judged, region_of

_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"

POLICY = Policy(
    title="Logs live in the regions of residency",
    severity=Severity.HIGH,
    rationale="Logs hold names, addresses and, of models, what people asked. They are data, and often travel further "
    "than the data that they are about.",
    fix="make the log group in a region of residency.logs, or let those who decide widen residency",
    targets=(STACK_TYPE, "aws:*"),
    controls=(Control("NIST SP 800-53", "SA-9(5)"), Control("SOC 2", "C1.1")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """A log group's region, log groups that others write to by ARN, and machines of a site without a cloud.

    Nothing is held against any region where the environment states no residency.
    """
    residency = context.environment.environment.residency
    if residency is None:
        return
    if resource.type == STACK_TYPE:
        for item in logs_kept(context.environment):
            yield from judged(item.path, item.region, residency.of_logs)
        return
    if resource.type == _LOG_GROUP:
        yield from judged("region", region_of(resource, context.graph), residency.of_logs)
    yield from foreign_arns(resource, residency.of_logs, logs=True)
