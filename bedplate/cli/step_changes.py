"""What a step of an upgrade changes of what the program registers: in which layers, and whose it is to apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bedplate.cli.errors import CommandError
from bedplate.environment.stacks import LAYERS, Layer, parse_stack
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.output.wording import many
from bedplate.upgrade.steps import Step


def changed_resources(before: Mapping[str, Graph], after: Mapping[str, Graph]) -> tuple[Resource, ...]:
    """Resources of any target that come, change or go; as they are afterwards, where they are there then."""
    changed: list[Resource] = []
    for target, graph in after.items():
        old = {resource.urn: resource for resource in before[target]}
        new = {resource.urn: resource for resource in graph}
        changed += [new.get(urn) or old[urn] for urn in old.keys() | new.keys() if old.get(urn) != new.get(urn)]
    return tuple(changed)


def layers_of(changed: Iterable[Resource]) -> tuple[Layer, ...]:
    """Layers that the resources belong to, lowest first."""
    found = {parse_stack(resource.stack)[1] or resource.layer for resource in changed}
    return tuple(layer for layer in LAYERS if layer in found)


def refuse_others(environment: str, step: Step, changed: Iterable[Resource]) -> None:
    """Raise CommandError where another writer applies what the step changes: its gates would be open without it."""
    others = [resource for resource in changed if resource.writer]
    if others:
        writers = ", ".join(sorted({resource.writer for resource in others}))
        raise CommandError(
            f"{step.id} changes {many(len(others), 'object')} that {writers} applies: take it with --next --commit, "
            f"commit what `bedplate manifests {environment}` writes, let {writers} apply it, and run this again"
        )
