"""Whether environments can be loaded: a verdict for each, and every problem."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bedplate.environment.load import load
from bedplate.environment.targets import environment_names, targets_of
from bedplate.model.source import InputError, Problem
from bedplate.output.documents.answers import ValidateDocument
from bedplate.output.exits import Exit
from bedplate.output.lines import Line, Lines, Segment, indented, line
from bedplate.output.places import problem
from bedplate.output.wording import many
from bedplate.policy.names import unknown_policies
from bedplate.policy.own import rules_for


@dataclass(frozen=True, slots=True)
class Validated:
    """One environment; good where `problems` is empty. `facts` say what it holds."""

    name: str
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    facts: str


@dataclass(frozen=True, slots=True)
class Validation:
    """All environments that were asked for."""

    environments: tuple[Validated, ...]

    @property
    def exit(self) -> Exit:
        """USAGE where any environment has a problem."""
        return Exit.USAGE if any(item.problems for item in self.environments) else Exit.OK

    def to_json(self) -> ValidateDocument:
        return {
            "schema": "bedplate.validate/v1",
            "exit": int(self.exit),
            "environments": [
                {
                    "environment": item.name,
                    "problems": [problem(found) for found in item.problems],
                    "warnings": [problem(found) for found in item.warnings],
                }
                for item in self.environments
            ],
        }


def validate(root: Path, names: Sequence[str]) -> Validation:
    """Load environments `names` of `root`, or all where none is named. Raises InputError where there is none at all."""
    named = tuple(dict.fromkeys(names)) or environment_names(root)
    if not named:
        hint = "name the platform repository with --root"
        raise InputError([Problem(None, "", "there is no environment in environments/", hint=hint)])
    return Validation(tuple(_validated(root, target) for name in named for target in _targets(root, name)))


def validation_text(report: Validation) -> Lines:
    """What `bedplate validate` shows."""
    return Lines(line for item in report.environments for line in _text(item))


def _targets(root: Path, name: str) -> tuple[str, ...]:
    try:
        return targets_of(root, name)
    except InputError:
        return (name,)  # which does not load, and says why


def _validated(root: Path, name: str) -> Validated:
    try:
        resolved = load(root, name)
        known = {rule.id for rule in rules_for(root)}
    except InputError as error:
        return Validated(name, error.problems, (), "")
    unknown = tuple(Problem(None, "", text) for text in unknown_policies(resolved, known))
    if unknown:
        return Validated(name, unknown, resolved.warnings, "")
    environment = resolved.environment
    counts = (
        many(len(environment.node_pools), "node pool"),
        many(len(environment.teams), "team"),
        many(len(environment.models), "model"),
    )
    return Validated(name, (), resolved.warnings, ", ".join(counts))


def _text(item: Validated) -> Iterator[Line]:
    if item.problems:
        yield line(Segment(f"{item.name}: {many(len(item.problems), 'problem')}", "bad"))
    else:
        warnings = f", {many(len(item.warnings), 'warning')}" if item.warnings else ""
        yield line(Segment(f"{item.name}: ok", "good"), f" ({item.facts}{warnings})")
    for found in item.problems:
        yield from _problem_lines(found.render())
    for found in item.warnings:
        yield from _problem_lines(f"warning: {found.render()}")


def _problem_lines(text: str) -> Iterator[Line]:
    return indented((line(part) for part in text.splitlines()), 2)
