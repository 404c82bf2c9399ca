"""Who must approve a change: by the layer that it touches, the team that it is for, and the decisions that it makes.

The rights that count are those of the base: a change that gives its author the right to approve it is approved by those
who had it before. Nothing here stops an apply; the host of the repository does, with the CODEOWNERS file that
`bedplate codeowners` makes of the same rights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedplate.environment.ownership import Area
from bedplate.graph.diff import Change
from bedplate.output.documents.plan import ApprovalDocument
from bedplate.output.documents.review import ReviewDocument

_AREAS: Mapping[str, Area] = {"bootstrap": "cluster", "platform": "platform", "models": "models"}
# Decisions that are not the cluster's. Whoever says who decides, decides about everything.
_DECISIONS: Mapping[str, tuple[Area, ...]] = {
    "decisionRights": ("cluster", "waivers"),
    "levels": ("waivers",),
    "releases": ("models",),
    "residency": ("cluster", "waivers"),
    "waivers": ("waivers",),
}
_OTHERS: tuple[Area, ...] = ("cluster",)
_ORDER: tuple[Area, ...] = ("waivers", "cluster", "platform", "models")


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval that is needed: any of `approvers` may give it, nobody is named where there are none.

    `team` is the team whose owners they are; empty where the environment's decision rights name them. `subjects` are
    objects and decisions that it is for.
    """

    area: Area
    team: str
    approvers: tuple[str, ...]
    subjects: tuple[str, ...]

    def to_json(self) -> ApprovalDocument:
        return {
            "area": self.area,
            "team": self.team,
            "approvers": list(self.approvers),
            "subjects": list(self.subjects),
        }


def approvals(
    head: ReviewDocument | None, base: ReviewDocument | None, changes: Sequence[Change]
) -> tuple[Approval, ...]:
    """Every approval that the step from `base` to `head` needs, the rarest right first."""
    rights = _Rights(_decisions(base), _decisions(head))
    subjects: dict[tuple[Area, str], dict[str, None]] = {}
    for area, team, subject in (*_of_changes(changes, rights), *_of_decisions(head, base)):
        subjects.setdefault((area, team), {})[subject] = None
    ordered = sorted(subjects, key=lambda key: (_ORDER.index(key[0]), key[1]))
    return tuple(Approval(*key, rights.approvers(*key), tuple(subjects[key])) for key in ordered)


class _Rights:
    """Decision rights and owners of teams: the base's where it states any, else the head's."""

    def __init__(self, base: Mapping[str, Any], head: Mapping[str, Any]) -> None:
        stated = any(base.get("decisionRights", {}).values())
        self._areas: Mapping[str, Sequence[str]] = (base if stated else head).get("decisionRights", {})
        # A team that is new names its first owners itself; the platform team makes it.
        self._owners: Mapping[str, Sequence[str]] = {**head.get("teamOwners", {}), **base.get("teamOwners", {})}

    def team(self, change: Change) -> str:
        """The team that decides about `change`; empty where the environment's approvers do."""
        team = change.resource.team if change.resource.layer == "models" else ""
        return team if self._owners.get(team) else ""

    def approvers(self, area: Area, team: str) -> tuple[str, ...]:
        return tuple(self._owners[team] if team else self._areas.get(area, ()))


def _decisions(review: ReviewDocument | None) -> Mapping[str, Any]:
    return review["decisions"] if review else {}


def _of_changes(changes: Sequence[Change], rights: _Rights) -> Iterator[tuple[Area, str, str]]:
    """What controllers will do follows, and needs no approval of its own. Whatever has no layer is the cluster's."""
    for change in sorted(changes, key=lambda change: not change.resource.layer):
        if change.resource.derived_from is None:
            yield _AREAS.get(change.resource.layer, "cluster"), rights.team(change), change.label


def _of_decisions(head: ReviewDocument | None, base: ReviewDocument | None) -> Iterator[tuple[Area, str, str]]:
    before, after = _decisions(base), _decisions(head)
    for key in sorted(before.keys() | after.keys()):
        if _differs(key, before.get(key), after.get(key)):
            for area in _DECISIONS.get(key, _OTHERS):
                yield area, "", key


def _differs(key: str, before: Any, after: Any) -> bool:
    """Whether a decision is another one. A release that comes or goes is told by the model that uses it; one that
    stays must be what it was."""
    if key == "releases":
        old, new = before or {}, after or {}
        return any(old[reference] != new[reference] for reference in old.keys() & new.keys())
    return bool(before or after) and before != after
