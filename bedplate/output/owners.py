"""Who answers for what in one environment, and who approves which change: what `bedplate owners` shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bedplate.environment.environment import Environment
from bedplate.environment.responsibility import Answer, answers
from bedplate.output.approval_lines import NOBODY
from bedplate.output.documents.answers import AnswerDocument, OwnersDocument
from bedplate.output.lines import BLANK, Line, Lines, Segment, heading, indented, line, table
from bedplate.output.wording import many

PARTY_WORDS = {
    "provider": "cloud provider",
    "platformTeam": "platform team",
    "modelTeams": "each team",
    "siteOperator": "site operator",
}


@dataclass(frozen=True, slots=True)
class Owners:
    """An environment's owners. `name` is the target's."""

    name: str
    environment: Environment

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Who answers for each part."""
        return answers(self.environment)

    @property
    def rights(self) -> dict[str, tuple[str, ...]]:
        """Approvers by path of decisions."""
        rights = self.environment.ownership.decision_rights
        return {area: getattr(rights, area) for area in type(rights).model_fields}

    @property
    def teams(self) -> dict[str, tuple[str, ...]]:
        """Owners by team."""
        return {team.name: team.owners for team in self.environment.teams}

    def to_json(self) -> OwnersDocument:
        ownership = self.environment.ownership
        return {
            "schema": "bedplate.owners/v1",
            "environment": self.name,
            "owner": ownership.owner,
            "contact": ownership.contact,
            "escalation": [
                {"afterMinutes": item.after_minutes, "contact": item.contact} for item in ownership.escalation
            ],
            "decisionRights": {area: list(owners) for area, owners in self.rights.items()},
            "teams": {team: list(owners) for team, owners in self.teams.items()},
            "responsibilities": [_answer(item) for item in self.answers],
        }


def owners_text(owners: Owners) -> Lines:
    """The owners as text."""
    return Lines(_text(owners))


def _answer(item: Answer) -> AnswerDocument:
    return {
        "part": item.part,
        "covers": item.facts.covers,
        "party": item.party,
        "groups": list(item.groups),
        "contact": item.contact,
        "unowned": item.unowned,
    }


def _text(owners: Owners) -> Iterator[Line]:
    ownership = owners.environment.ownership
    open_ = sum(1 for item in owners.answers if item.unowned)
    verdict = f"{many(open_, 'part')} without an owner" if open_ else "every part has an owner"
    yield line(Segment(f"{owners.name}: {verdict}", "warn" if open_ else "strong"))
    yield line(f"{ownership.owner}, {ownership.contact}", indent=2)
    for step in ownership.escalation:
        yield line(f"after {many(step.after_minutes, 'minute')}: {step.contact}", indent=2)
    yield from (BLANK, heading("Who answers"))
    rows = [(item.part, _who(item), item.contact, Segment(item.facts.covers, "dim")) for item in owners.answers]
    yield from indented(table(("part", "who", "contact", "covers"), rows), 2)
    yield from (BLANK, heading("Who approves"))
    paths = [*owners.rights.items(), *((f"team {team}", names) for team, names in owners.teams.items())]
    yield from indented(table(("path", "any one of"), [(path, _names(names)) for path, names in paths]), 2)


def _who(item: Answer) -> str | Segment:
    if item.unowned or item.party is None:
        return Segment(item.unowned, "warn")
    return f"{PARTY_WORDS[item.party]}: {', '.join(item.groups)}"


def _names(names: tuple[str, ...]) -> str | Segment:
    return " ".join(names) or Segment(NOBODY, "warn")
