"""The steps of a destroy: guard, ask for the name, delete, and look at what the state still holds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from bedplate.cli.apply_stack import registered
from bedplate.cli.applying import open_engine, selected_stacks
from bedplate.cli.base import mark_applied
from bedplate.cli.errors import CommandError
from bedplate.cli.failures import interrupted, label, require
from bedplate.cli.others import left_to_others
from bedplate.cli.pipeline import recorded
from bedplate.cli.progress import EngineProgress
from bedplate.engine.automation import Engine, Outcome, counts
from bedplate.environment.load import load
from bedplate.environment.stacks import LAYERS, Layer
from bedplate.graph.diff import object_label
from bedplate.graph.graph import Graph
from bedplate.graph.resource import COMPONENT_PREFIX
from bedplate.graph.values import Json
from bedplate.output.plan import Exit
from bedplate.output.wording import many


@dataclass(frozen=True, slots=True)
class DestroyResult:
    """How a destroy ended: nothing is left, or it would have failed."""

    environment: str
    exit: Exit
    verdict: str
    operations: Mapping[str, int]

    def to_json(self) -> dict[str, Json]:
        return {
            "schema": "bedplate.destroy/v1",
            "environment": self.environment,
            "exit": int(self.exit),
            "verdict": self.verdict,
            "operations": dict(self.operations),
        }


def destroy_environment(root: Path, name: str, *, confirm: str | None) -> DestroyResult:
    """Destroy environment `name`. Raises CommandError where a guard holds; nothing has changed then."""
    started = time.monotonic()
    resolved = load(root, name)
    _guard(name, resolved.environment.tier)
    graph = recorded(resolved)
    others: list[Layer] = [layer for layer in LAYERS if layer != "bootstrap"]
    protected = [
        object_label(resource) for resource in graph if resource.options.get("protect") and resource.layer in others
    ]
    if protected:
        message = f"{', '.join(protected)} is protected; take the protection away with an apply of its own first"
        raise CommandError(message)
    if confirm is None:
        confirm = _asked(name)
    if confirm != name:
        raise CommandError(f"{confirm!r} is not {name!r}; nothing was changed", Exit.USAGE)
    done: list[Mapping[str, int]] = []
    # The states of all others lie in the bucket that bootstrap makes, and its roles may be what runs this.
    layers = others if resolved.environment.bootstrap else ()
    for stack in reversed(selected_stacks(resolved, layers)):
        with open_engine(root, resolved.environment, stack.name) as engine:
            if engine.exists():
                done.append(_destroy_stack(engine, name, graph))
        mark_applied(root, stack.name, None)
    if not done:
        return DestroyResult(name, Exit.OK, f"{name}: there is nothing to destroy", {})
    total: Counter[str] = Counter()
    for operations in done:
        total.update(operations)
    deleted = total.get("delete", 0)
    verdict = f"{name}: destroyed in {time.monotonic() - started:.0f} s: {deleted} deleted, nothing left"
    left = sum(left_to_others(graph, resolved.stacks()).values())
    if left:
        writer = resolved.environment.delivery.controller
        verdict += f" of what pulumi applied; {many(left, 'object')} of {writer} went with a namespace or the "
        verdict += "cluster, or are still there"
    return DestroyResult(name, Exit.OK, verdict, dict(total))


def _destroy_stack(engine: Engine, name: str, graph: Graph) -> Mapping[str, int]:
    """Delete everything in one stack and forget it; counts by operation. Raises CommandError where any is left."""
    outcome = _destroy(engine, graph)
    also = tuple(f"left: {label(urn, graph)}" for urn in _in_the_account(engine.held()))
    message = f"{engine.stack} is not destroyed whole; mend the cause and run `bedplate destroy {name}` again"
    require(outcome, message, graph, also)
    engine.remove_stack()
    return counts(outcome.events)


def _guard(name: str, tier: str) -> None:
    if tier == "production":
        raise CommandError(f"{name} is production; change its tier in a reviewed commit before it can be destroyed")


def _in_the_account(urns: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `urns` that are objects; components and providers stay until they are empty. All, where none is."""
    types = {urn: urn.split("::")[2].rpartition("$")[2] for urn in urns}
    found = tuple(urn for urn in urns if not types[urn].startswith((COMPONENT_PREFIX, "pulumi:providers:")))
    return found or urns


def _asked(name: str) -> str:
    question = f"name of the environment to destroy ({name})"
    try:
        answer: str = click.prompt(question, default="", show_default=False, err=True)
    except click.Abort:
        message = "nobody answered, and nothing was changed; --confirm NAME does not ask"
        raise CommandError(message, Exit.INTERRUPTED) from None
    return answer


def _destroy(engine: Engine, graph: Graph) -> Outcome:
    try:
        with EngineProgress(f"{engine.stack}: destroying", registered(graph, engine.stack), graph) as progress:
            return engine.destroy(on_event=progress)
    except KeyboardInterrupt as error:
        raise interrupted(error, engine.stack, "destroyed", f"bedplate destroy {graph.environment}") from None
