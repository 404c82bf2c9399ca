"""The versions that an environment gets: its baseline's, with its own overrides in it."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.parts import overridden, override_problem
from bedplate.catalog.versions import Baseline
from bedplate.environment.environment import Environment
from bedplate.model.source import InputError, Problem
from bedplate.model.tree import Mapping


def effective_baseline(environment: Environment, tree: Mapping, facts: Catalog) -> Baseline:
    """The baseline of `facts` with the environment's overrides; those that cannot be are left to the cross-checks.

    Raises InputError where there is no such baseline.
    """
    row = facts.baselines.get(environment.baseline)
    if row is None:
        message = f"{environment.baseline!r} is not a baseline of the catalogue"
        place = tree.items["baseline"].position
        raise InputError([Problem(place, "baseline", message, tuple(sorted(facts.baselines)))])
    values = {
        override.part: override.value
        for override in environment.baseline_overrides
        if override_problem(row, override.part, override.value, facts.baseline_parts) is None
    }
    return overridden(row, values, facts.baseline_parts, facts.baselines)
