"""From a platform repository to a review: the one place where program, recorder and judges come together."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

from bedplate.capacity.proof import prove
from bedplate.cost.cost import cost
from bedplate.engine.recorder import record_stacks
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.graph import Graph
from bedplate.output.review import Review
from bedplate.policy.derived import with_derived
from bedplate.policy.evaluate import evaluate
from bedplate.policy.own import rules_for
from stacks.compose import compose


def recorded(resolved: ResolvedEnvironment) -> Graph:
    """The Graph of what the program registers, all stacks together, without derived objects."""
    programs = [(stack.name, partial(compose, resolved, stack.layers)) for stack in resolved.stacks()]
    return record_stacks(programs, environment=resolved.name)


def derived(resolved: ResolvedEnvironment) -> Graph:
    """The Graph of `resolved` with everything that controllers will make of it."""
    return with_derived(recorded(resolved), resolved)


def judged(resolved: ResolvedEnvironment, today: date) -> Review:
    """Record, derive and judge `resolved`."""
    graph = derived(resolved)
    facts = resolved.catalog
    return Review(
        resolved=resolved,
        graph=graph,
        policies=evaluate(graph, resolved, rules_for(resolved.root), today=today),
        capacity=prove(graph, resolved, facts),
        cost=cost(graph, resolved, facts, today=today),
        today=today,
    )


def review(root: Path, name: str, today: date) -> Review:
    """Load and judge environment `name`. Raises InputError for what cannot be loaded."""
    return judged(load(root, name), today)
