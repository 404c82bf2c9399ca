"""What an apply or a destroy leaves to another writer, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bedplate.cli.options import talk
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.stacks import Stack
from bedplate.graph.graph import Graph
from bedplate.output.wording import many
from components.delivery.spec import rendered_folder


def left_to_others(graph: Graph, stacks: Sequence[Stack]) -> dict[str, int]:
    """Objects of `stacks` that another writer applies, by layer."""
    names = {stack.name for stack in stacks}
    return dict(Counter(item.layer for item in graph if item.writer and item.stack in names))


def say_what_is_left(resolved: ResolvedEnvironment, left: dict[str, int]) -> None:
    """Tell on stderr what the controller applies, and from where."""
    delivery, target = resolved.environment.delivery, resolved.name
    if not left or delivery.gitops is None:
        return
    gitops = delivery.gitops
    folder = rendered_folder(gitops, target, "").rstrip("/")
    counts = " and ".join(f"{many(count, 'object')} of layer {layer}" for layer, count in sorted(left.items()))
    talk(
        f"{counts} are {delivery.controller}'s to apply, from {folder} of {gitops.repository} at {gitops.revision}: "
        f"commit what `bedplate manifests {target}` writes there; with --check it says whether that is done"
    )
