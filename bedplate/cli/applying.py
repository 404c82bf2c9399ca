"""An apply: the stacks of a target one after the other, lowest layer first; the first that fails ends it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bedplate.cli.apply_plans import Plans
from bedplate.cli.apply_stack import apply_stack, described, registered
from bedplate.cli.base import committed_state
from bedplate.cli.errors import CommandError
from bedplate.cli.first_state import comes_before_the_bucket
from bedplate.cli.others import left_to_others, say_what_is_left
from bedplate.engine.automation import Engine
from bedplate.environment.environment import Environment
from bedplate.environment.resolve import ResolvedEnvironment, resolve
from bedplate.environment.stacks import LAYERS, Layer, Stack, stacks_of
from bedplate.graph.values import Json
from bedplate.output.plan import Exit
from bedplate.output.wording import many


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """How an apply ended. `stacks` are operations by stack, `operations` the sum of them; `left` counts objects by
    layer that another writer applies.
    """

    environment: str
    exit: Exit
    verdict: str
    operations: Mapping[str, int]
    stacks: Mapping[str, Mapping[str, int]]
    left: Mapping[str, int]
    graph_digest: str

    def to_json(self) -> dict[str, Json]:
        return {
            "schema": "bedplate.apply/v1",
            "environment": self.environment,
            "exit": int(self.exit),
            "verdict": self.verdict,
            "operations": dict(self.operations),
            "stacks": {name: dict(operations) for name, operations in self.stacks.items()},
            "left": dict(self.left),
            "graphDigest": self.graph_digest,
        }


def apply_environment(
    root: Path,
    target: str,
    *,
    layers: Sequence[Layer] = (),
    base: str | None,
    plan_file: Path | None,
    yes: bool,
    plain: bool,
) -> ApplyResult:
    """Apply `target`, or only `layers` of it. Raises CommandError where a gate does not open.

    Nothing of the stack at the gate, and of those above it, has changed then.
    """
    started = time.monotonic()
    commit = committed_state(root)
    resolved = resolve(root, target)
    stacks = selected_stacks(resolved, layers)
    if not stacks:
        raise CommandError(
            f"{target} has no layer {', '.join(layers)}: nothing is made outside the cluster", Exit.USAGE
        )
    _refuse_moved(root, resolved)
    plans = Plans(root, target, base=base, file=plan_file)
    done: dict[str, Mapping[str, int]] = {}
    for stack in stacks:
        with open_engine(root, resolved.environment, stack.name) as engine:
            plan, done[stack.name] = apply_stack(root, engine, stack, plans, commit=commit, yes=yes, plain=plain)
    total: Counter[str] = Counter()
    for operations in done.values():
        total.update(operations)
    graph = plan.review.graph
    verdict = f"{target}: applied in {time.monotonic() - started:.0f} s: {described(total)}"
    if not total:
        count = sum(registered(graph, stack.name) for stack in stacks)
        verdict = f"{target}: nothing to do, {count} resources are as planned"
    if layers:
        verdict += f" (layers {', '.join(stack.layers[0] for stack in stacks)})"
    left = left_to_others(graph, stacks)
    if left:
        verdict += f"; {many(sum(left.values()), 'object')} left to {resolved.environment.delivery.controller}"
    say_what_is_left(resolved, left)
    return ApplyResult(target, Exit.OK, verdict, dict(total), done, left, graph.digest)


def _refuse_moved(root: Path, resolved: ResolvedEnvironment) -> None:
    """Raise CommandError where the environment stands in stacks of the other form: it would be made a second time."""
    delivery = resolved.environment.delivery.stacks
    others = [stack.name for stack in stacks_of(resolved.name, layered=delivery == "single")]
    if len(others) > 1:
        with open_engine(root, resolved.environment, resolved.name) as engine:
            present = engine.stacks()
        others = [name for name in others if name in present]
    for name in others:
        with open_engine(root, resolved.environment, name) as engine:
            if engine.held():
                message = (
                    f"delivery.stacks is {delivery}, and stack {name} still holds resources: applying would make them "
                    "a second time. Move them with `pulumi state move`, or go back to the other form"
                )
                raise CommandError(message, Exit.INTEGRITY)


def selected_stacks(resolved: ResolvedEnvironment, layers: Sequence[Layer]) -> tuple[Stack, ...]:
    """The stacks that hold `layers`, lowest first; all where none is named. Raises CommandError for a single stack."""
    layered = resolved.environment.delivery.stacks == "layered"
    if layers and not layered:
        message = f"{resolved.name} is one stack with all layers: leave --layers out, or set delivery.stacks: layered"
        raise CommandError(message, Exit.USAGE)
    return resolved.stacks(layers or LAYERS)


def open_engine(root: Path, environment: Environment, stack: str) -> Engine:
    """The engine for `stack`, with the environment's backend and secrets provider.

    The state that comes before the bucket is encrypted with a passphrase: there is no key yet either.
    """
    state = environment.state
    first = comes_before_the_bucket(environment, stack, os.environ.get("PULUMI_BACKEND_URL", state.backend))
    secrets = "passphrase" if first else state.secrets_provider
    return Engine(root, stack, backend=state.backend, secrets_provider=secrets)
