"""Who answers for each part of an environment, and which part nobody answers for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bedplate.environment.environment import Environment
from bedplate.environment.ownership import PARTS, Part, PartFacts, Party, ResponsibilitySpec


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers for one part. `unowned` says why nobody does; empty where somebody does."""

    part: Part
    facts: PartFacts
    party: Party | None
    groups: tuple[str, ...]
    contact: str = ""
    unowned: str = ""


def answers(environment: Environment) -> tuple[Answer, ...]:
    """Every part that the environment has, in the order of the table of parts."""
    named = {item.name: item for item in environment.ownership.responsibilities}
    return tuple(_answer(environment, part, named.get(part)) for part in parts_of(environment))


def parts_of(environment: Environment) -> Iterator[Part]:
    """The parts that somebody has to answer for: no account without a cloud."""
    return (part for part in PARTS if part != "account" or environment.aws is not None)


def _answer(environment: Environment, part: Part, spec: ResponsibilitySpec | None) -> Answer:
    facts, ownership = PARTS[part], environment.ownership
    if spec is None:
        return Answer(part, facts, None, (), unowned="nobody is named")
    if spec.party == "provider":
        return Answer(part, facts, spec.party, (environment.cloud.provider,))
    if spec.party == "modelTeams":
        return Answer(part, facts, spec.party, tuple(team.name for team in environment.teams))
    if spec.party == "platformTeam":
        contact = spec.contact or ("" if spec.group else ownership.contact)
        return Answer(part, facts, spec.party, (spec.group or ownership.owner,), contact)
    if spec.group is None:
        return Answer(part, facts, spec.party, (), spec.contact or "", "the site's operator is not named")
    return Answer(part, facts, spec.party, (spec.group,), spec.contact or "")
