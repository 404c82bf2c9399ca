"""A review: everything that can be said about one environment without a cloud, and its JSON form.

The JSON (schema ``bedplate.review/v1``) is what `plan --out` writes, what the base side of a comparison is read from,
and what `apply --plan` is held against.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from bedplate.capacity.proof import CapacityReport
from bedplate.cost.cost import CostReport
from bedplate.environment.environment import Environment
from bedplate.environment.references import not_vendored, open_references
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.graph import Graph
from bedplate.graph.images import images_of
from bedplate.graph.values import Json, digest
from bedplate.output.documents.review import ReviewDocument
from bedplate.output.reasons import NO_LOCK
from bedplate.policy.evaluate import PolicyReport

REVIEW_SCHEMA = "bedplate.review/v1"


@dataclass(frozen=True, slots=True)
class Review:
    """One environment, judged. `graph` holds registered and derived resources."""

    resolved: ResolvedEnvironment
    graph: Graph
    policies: PolicyReport
    capacity: CapacityReport
    cost: CostReport
    today: date

    @property
    def name(self) -> str:
        return self.resolved.name

    @property
    def unresolved(self) -> tuple[str, ...]:
        """References that the lock leaves open; `NO_LOCK` alone where there is no lock at all."""
        lock = self.resolved.lock
        return open_references(self.resolved, lock, images_of(self.graph)) if lock else (NO_LOCK,)

    @property
    def not_vendored(self) -> tuple[str, ...]:
        """Charts whose objects the plan does not hold."""
        return not_vendored(self.resolved)

    def to_json(self) -> ReviewDocument:
        """The published form (schema `bedplate.review/v1`)."""
        document: dict[str, Json] = {
            "schema": REVIEW_SCHEMA,
            "environment": self.name,
            "tier": self.resolved.environment.tier,
            "today": self.today.isoformat(),
            "graphDigest": self.graph.digest,
            "graph": self.graph.to_json(),
            "policies": self.policies.to_json(),
            "capacity": self.capacity.to_json(),
            "cost": self.cost.to_json(),
            "unresolved": list(self.unresolved),
            "notVendored": list(self.not_vendored),
            "decisions": decisions(self.resolved),
        }
        return cast(ReviewDocument, document)


def decisions(resolved: ResolvedEnvironment) -> dict[str, Json]:
    """What decides without being a resource: levels, waivers, budget, owner, state, content of the releases in use."""
    environment = resolved.environment
    return {
        "description": environment.description,
        "state": environment.state.model_dump(mode="json"),
        "budget": str(environment.cost.monthly_budget),
        "levels": [item.model_dump(mode="json") for item in environment.policies.levels],
        "waivers": [item.model_dump(mode="json") for item in environment.policies.waivers],
        "owner": environment.ownership.owner,
        "ownership": environment.ownership.model_dump(mode="json", exclude={"owner", "decision_rights"}),
        "decisionRights": environment.ownership.decision_rights.model_dump(mode="json"),
        "teamOwners": {team.name: list(team.owners) for team in environment.teams},
        "residency": environment.residency.model_dump(mode="json") if environment.residency else None,
        "trustedPatterns": _trusted_patterns(environment),
        "baseline": environment.baseline,
        "fleet": environment.fleet.model_dump(mode="json") if environment.fleet else None,
        "baselineOverrides": [item.model_dump(mode="json") for item in environment.baseline_overrides],
        "tier": environment.tier,
        "releases": {
            reference: digest(item.release.model_dump(mode="json")) for reference, item in resolved.releases.items()
        },
    }


def _trusted_patterns(environment: Environment) -> list[Json]:
    """Runs of CI systems that are trusted by a pattern, and why they cannot be listed."""
    systems = environment.bootstrap.ci if environment.bootstrap else ()
    return [
        {"ci": ci.name, "duty": duty, **item.model_dump(mode="json")}
        for ci in systems
        for duty, trust in ci.trusts().items()
        for item in trust.patterns
    ]
