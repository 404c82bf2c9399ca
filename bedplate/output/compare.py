"""Two reviews of one environment beside each other: what differs, what is dangerous, what blocks.

Works on review documents, so that either side may come from another commit's own code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from bedplate.graph.diff import Action, Change, diff
from bedplate.graph.graph import Graph
from bedplate.graph.replacement import ReplacementRule
from bedplate.graph.values import canonical, thaw
from bedplate.output.amounts import monthly
from bedplate.output.approvals import Approval, approvals
from bedplate.output.dangers import dangers
from bedplate.output.documents.plan import ComparisonDocument
from bedplate.output.documents.review import ReviewDocument, ViolationDocument
from bedplate.output.exits import Exit, Reason, winner
from bedplate.output.reasons import blocking_reasons
from bedplate.output.sides import Base
from bedplate.output.verdict import verdict

# Sections of a review that are compared, by the name that people read. The digest stands for the Graph; `today` is no
# content.
_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "graph": ("graphDigest",),
    "findings": ("policies",),
    "capacity": ("capacity",),
    "cost": ("cost",),
    "lock": ("unresolved", "notVendored"),
    "decisions": ("decisions", "tier", "environment", "schema"),
}

FindingKey: TypeAlias = tuple[str, str, str, str, bool]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between `base` and `head`; `head` is None where the environment is removed."""

    name: str
    head: ReviewDocument | None
    base: Base
    changes: tuple[Change, ...]
    dangers: tuple[str, ...]
    approvals: tuple[Approval, ...]
    reasons: tuple[Reason, ...]
    differs: tuple[str, ...]
    new_findings: tuple[ViolationDocument, ...]
    gone_findings: tuple[ViolationDocument, ...]
    reframed: tuple[str, ...]
    """Names of resources that differ in what no value of theirs shows: dependencies, parents, layers, entries."""

    @property
    def registered_changes(self) -> tuple[Change, ...]:
        """Changes of resources that the program registers."""
        return tuple(change for change in self.changes if change.resource.derived_from is None)

    @property
    def derived_changes(self) -> tuple[Change, ...]:
        """Changes of objects that controllers will make as a consequence."""
        return tuple(change for change in self.changes if change.resource.derived_from is not None)

    def count(self, action: Action) -> int:
        """Registered resources that `action` happens to."""
        return sum(1 for change in self.registered_changes if change.action is action)

    @property
    def cost_before(self) -> Decimal | None:
        """Monthly cost of the base; None where there is no base, or where nothing of it has a price."""
        return monthly(self.base.review["cost"]) if self.base.review else None

    @property
    def cost_change(self) -> Decimal | None:
        """Monthly cost, head minus base; None where one side is missing or unknown."""
        after = monthly(self.head["cost"]) if self.head else None
        return None if after is None or self.cost_before is None else after - self.cost_before

    @property
    def blocked(self) -> bool:
        """Whether apply would refuse."""
        return any(reason.blocks for reason in self.reasons)

    def exit_code(self, *, detailed: bool) -> Exit:
        """The exit code; changes count only where `detailed` is asked for."""
        return winner(self.reasons, detailed=detailed)

    @property
    def verdict(self) -> str:
        """The first line that people read, without the environment's name."""
        return verdict(self.head, {action: self.count(action) for action in Action}, self.differs)

    def to_json(self) -> ComparisonDocument:
        return {
            "environment": self.name,
            "base": {"label": self.base.label, "commit": self.base.commit, "notes": list(self.base.notes)},
            "verdict": self.verdict,
            "blocked": self.blocked,
            "reasons": [reason.to_json() for reason in self.reasons],
            "summary": {
                "create": self.count(Action.CREATE),
                "update": self.count(Action.UPDATE),
                "replace": self.count(Action.REPLACE),
                "delete": self.count(Action.DELETE),
            },
            "danger": list(self.dangers),
            "approvals": [item.to_json() for item in self.approvals],
            "changes": [change.to_json() for change in self.changes],  # type: ignore[misc]
            "differs": list(self.differs),
            "newFindings": list(self.new_findings),
            "goneFindings": list(self.gone_findings),
            "reframed": list(self.reframed),
            "costBefore": str(self.cost_before) if self.cost_before is not None else None,
        }


def compare(
    name: str,
    head: ReviewDocument | None,
    base: Base,
    rules: Mapping[str, ReplacementRule],
    *,
    graph: Graph | None = None,
) -> Comparison:
    """Compare `head` with `base`. `graph` is the head's Graph where the caller holds it already."""
    if graph is None:
        graph = Graph.from_json(head["graph"]) if head else Graph(environment=name, resources=())
    before = Graph.from_json(base.review["graph"]) if base.review else None
    changes = diff(before, graph, rules)
    differs = _differs(head, base.review)
    appeared = _findings(head, beyond=base.review)
    reasons = blocking_reasons(head) if head else ()
    if differs:
        reasons = (*reasons, Reason("changes", Exit.CHANGES, f"{', '.join(differs)} differ from the base"))
    return Comparison(
        name=name,
        head=head,
        base=base,
        changes=changes,
        dangers=dangers(head, base.review, changes, appeared, rules),
        approvals=approvals(head, base.review, changes),
        reasons=tuple(reasons),
        differs=differs,
        new_findings=appeared,
        gone_findings=_findings(base.review, beyond=head),
        reframed=_reframed(before, graph) if before and head else (),
    )


def finding_key(item: ViolationDocument) -> FindingKey:
    """What tells findings apart across two reviews: policy, object, path, verdict, and whether it blocks."""
    return (item["policy"], item["urn"], item.get("path", ""), item["verdict"], item["blocks"])


def _reframed(before: Graph, after: Graph) -> tuple[str, ...]:
    urns = {resource.urn for graph in (before, after) for resource in graph if not resource.custom}
    urns |= {resource.urn for resource in after if resource.urn in before}
    return tuple(urn.rpartition("::")[2] for urn in sorted(urns) if _frame(before, urn) != _frame(after, urn))


def _frame(graph: Graph, urn: str) -> object:
    """What `diff` does not compare."""
    if urn not in graph:
        return None
    item = graph[urn]
    place = (item.type, item.parent, item.dependencies, item.layer, item.entry, item.team)
    return (*place, thaw(item.property_dependencies), None if item.custom else thaw(item.inputs))


def _findings(review: ReviewDocument | None, *, beyond: ReviewDocument | None) -> tuple[ViolationDocument, ...]:
    """Findings of `review` that `beyond` does not have."""
    known = {finding_key(item) for item in beyond["policies"]["violations"]} if beyond else set()
    found = review["policies"]["violations"] if review else []
    return tuple(item for item in found if finding_key(item) not in known)


def _differs(head: ReviewDocument | None, base: ReviewDocument | None) -> tuple[str, ...]:
    """Names of the sections whose bytes differ."""
    return tuple(name for name, keys in _SECTIONS.items() if _bytes(head, keys) != _bytes(base, keys))


def _bytes(review: ReviewDocument | None, keys: Iterable[str]) -> bytes:
    return canonical({key: review.get(key) for key in keys} if review else None)
