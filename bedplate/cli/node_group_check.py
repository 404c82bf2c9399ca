"""Holds new node groups of the preview against what EKS makes: groups of the cluster's own Kubernetes version."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.cli.errors import CommandError
from bedplate.engine.automation import Outcome
from bedplate.engine.events import StepStarted
from bedplate.output.plan import Exit, Plan

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_MAKING = frozenset({"create", "create-replacement"})


def check_new_groups(plan: Plan, preview: Outcome) -> None:
    """Raises CommandError where a node group would be made with another version than the cluster's.

    Groups that are there may lag. EKS API reference, CreateNodegroup (botocore 1.44.5): the cluster's version is the
    only one that is accepted.
    """
    version = plan.review.resolved.baseline.kubernetes
    refused = [f"{entry} has {own}" for entry, own in sorted(_made(plan, preview)) if own != version]
    if refused:
        message = (
            f"EKS makes node groups with the Kubernetes version of the cluster only, {version}; nothing was changed: "
            f"{', '.join(refused)}. Groups that are there may lag: take kubernetes and ami.release out of that entry"
        )
        raise CommandError(message, Exit.USAGE)


def _made(plan: Plan, preview: Outcome) -> Iterator[tuple[str, str]]:
    """Entry and version of each node group that the engine would make."""
    for event in preview.events:
        if not isinstance(event, StepStarted) or event.op not in _MAKING or event.inputs is None:
            continue
        if event.type == _NODE_GROUP:
            yield plan.review.graph[event.urn].entry, str(event.inputs["version"])
