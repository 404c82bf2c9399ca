"""The steps of a destroy: guard, ask for the name, delete, and look at what the state still holds."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from bedplate.cli.applying import open_engine
from bedplate.cli.base import mark_applied
from bedplate.cli.errors import CommandError
from bedplate.cli.pipeline import recorded
from bedplate.cli.progress import EngineProgress
from bedplate.engine.automation import counts
from bedplate.environment.load import load
from bedplate.graph.diff import object_label
from bedplate.graph.values import Json
from bedplate.output.plan import Exit


@dataclass(frozen=True, slots=True)
class DestroyResult:
    """How a destroy ended; `left` names resources that the state still holds."""

    environment: str
    exit: Exit
    verdict: str
    operations: Mapping[str, int]
    left: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        return {
            "schema": "bedplate.destroy/v1",
            "environment": self.environment,
            "exit": int(self.exit),
            "verdict": self.verdict,
            "operations": dict(self.operations),
            "left": list(self.left),
        }


def destroy_environment(root: Path, name: str, *, confirm: str | None) -> DestroyResult:
    """Destroy environment `name`. Raises CommandError where a guard holds; nothing has changed then."""
    started = time.monotonic()
    resolved = load(root, name)
    _guard(name, resolved.environment.tier)
    graph = recorded(resolved)
    protected = [object_label(resource) for resource in graph if resource.options.get("protect")]
    if protected:
        message = f"{', '.join(protected)} is protected; take the protection away with an apply of its own first"
        raise CommandError(message)
    if confirm is None:
        confirm = click.prompt(f"name of the environment to destroy ({name})", default="", show_default=False, err=True)
    if confirm != name:
        raise CommandError(f"{confirm!r} is not {name!r}; nothing was changed", Exit.USAGE)
    with open_engine(root, resolved.environment.state, name) as engine:
        if not engine.exists():
            return DestroyResult(name, Exit.OK, f"{name}: there is nothing to destroy", {}, ())
        with EngineProgress(f"{name}: destroying", len(graph), graph) as progress:
            outcome = engine.destroy(on_event=progress)
        left = _left(engine.state())
        if not outcome.succeeded or left:
            details = "\n  ".join((*outcome.errors, *(f"left: {urn}" for urn in left)))
            raise CommandError(f"{name} is not destroyed whole; mend the cause and run it again\n  {details}")
        engine.remove_stack()
    mark_applied(root, name, None)
    deleted = counts(outcome.events).get("delete", 0)
    verdict = f"{name}: destroyed in {time.monotonic() - started:.0f} s: {deleted} deleted, nothing left"
    return DestroyResult(name, Exit.OK, verdict, counts(outcome.events), left)


def _guard(name: str, tier: str) -> None:
    if tier == "production":
        raise CommandError(f"{name} is production; change its tier in a reviewed commit before it can be destroyed")


def _left(state: str) -> tuple[str, ...]:
    """URNs that an exported state still holds, without the stack itself."""
    resources = json.loads(state).get("deployment", {}).get("resources") or []
    return tuple(sorted(item["urn"] for item in resources if item["type"] != "pulumi:pulumi:Stack"))
