"""What a change of an EKS managed node group does to the nodes that are there. Pure.

EKS replaces nodes, some at a time, where the group gets another release, another Kubernetes version or another version
of its launch template. Source: EKS API, UpdateNodegroupVersion; EKS User Guide, "Update a managed node group".
"""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.diff import Action, Change
from bedplate.graph.values import get, is_opaque
from bedplate.output.wording import many

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_TEMPLATE = "launchTemplate.version"
_ROLLS = ("releaseVersion", "version", _TEMPLATE)


def of_node_group(change: Change) -> Iterator[str]:
    """A sentence for the danger list where `change` rolls the nodes of a group; none where it does not."""
    if change.resource.type != _NODE_GROUP or change.action is not Action.UPDATE:
        return
    moved = [item.path for item in change.properties if item.path in _ROLLS]
    moved += [path for cause in change.causes for path in cause.paths if path == _TEMPLATE]
    if moved and not _is_empty(change):
        paths = ", ".join(dict.fromkeys(moved))
        yield f"nodes of {change.label} are replaced, {_at_once(change)}: {paths}"


def _is_empty(change: Change) -> bool:
    """Whether the group is said to be without nodes, before and after."""
    grows = any(item.path == "scalingConfig.desiredSize" for item in change.properties)
    return get(change.resource.inputs, "scalingConfig", "desiredSize") == 0 and not grows


def _at_once(change: Change) -> str:
    """How many nodes are away at a time; EKS's default is one."""
    update = get(change.resource.inputs, "updateConfig", default={})
    if is_opaque(update):
        return "nobody knows how many at once"
    percent, count = get(update, "maxUnavailablePercentage"), get(update, "maxUnavailable", default=1)
    if is_opaque(percent) or is_opaque(count):
        return "nobody knows how many at once"
    return f"{percent} % at once" if percent is not None else f"{many(int(str(count)), 'node')} at once"
