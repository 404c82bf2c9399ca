"""The plan document (`bedplate.plan/v1`) and the comment for a pull request (`bedplate.pr/v1`)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from bedplate.output.documents.review import ReviewDocument, ViolationDocument
from bedplate.output.documents.shape import document

ReasonId = Literal["input", "base", "policy", "capacity", "budget", "charts", "lock", "changes"]


@document
class ReasonDocument(TypedDict):
    """One thing that decides the exit code."""

    id: ReasonId
    exit: int
    text: str


@document
class BaseDocument(TypedDict):
    """What a plan is compared with."""

    label: str
    commit: str | None
    """Whole id of the commit; null where the plan is compared with nothing."""
    notes: list[str]


@document
class PropertyChangeDocument(TypedDict):
    """One value that differs; null where it is absent on that side."""

    path: str
    before: Any
    after: Any


@document
class CauseDocument(TypedDict):
    """What happens to another object, and how it reaches this one."""

    why: Literal["reads", "reads another", "version", "goes first", "provider", "default tags", "controller"]
    urn: str
    object: str
    happens: Literal["nothing", "updated", "may be replaced", "replaced"]
    paths: list[str]
    """Inputs of this object through which it is reached."""


@document
class ChangeDocument(TypedDict):
    """One object that differs."""

    action: Literal["create", "update", "replace", "delete"]
    urn: str
    object: str
    layer: str
    team: str
    writer: Literal["pulumi", "argocd", "flux"]
    """Who applies it; where it is deleted, who applied it."""
    entry: str
    derived: bool
    """Whether a controller does it, as a consequence of another change."""
    replacement: Literal["yes", "no", "unknown"]
    stateful: bool
    """Whether the object holds data."""
    properties: list[PropertyChangeDocument]
    causes: list[CauseDocument]
    """What happens to other objects and reaches this one; empty where only its own inputs differ."""


@document
class SummaryDocument(TypedDict):
    """Registered resources by what happens to them."""

    create: int
    update: int
    replace: int
    delete: int


@document
class ApprovalDocument(TypedDict):
    """One approval that a change needs; any of its approvers may give it."""

    area: Literal["cluster", "platform", "models", "waivers"]
    team: str
    """Team whose owners the approvers are; empty where the environment's decision rights name them."""
    approvers: list[str]
    """As CODEOWNERS writes them; empty where nobody is named."""
    subjects: list[str]
    """Objects and decisions that it is for."""


@document
class ComparisonDocument(TypedDict):
    """What differs between two reviews of an environment."""

    environment: str
    base: BaseDocument
    verdict: str
    blocked: bool
    reasons: list[ReasonDocument]
    summary: SummaryDocument
    danger: list[str]
    approvals: list[ApprovalDocument]
    """Empty exactly where nothing is there to approve."""
    changes: list[ChangeDocument]
    differs: list[str]
    """Sections of the review that differ; empty exactly where nothing does."""
    newFindings: list[ViolationDocument]
    goneFindings: list[ViolationDocument]
    reframed: list[str]
    """Resources that differ only in dependencies, parents, layers or entries."""
    costBefore: str | None


@document
class PlanDocument(ComparisonDocument):
    """A plan: the comparison, and the whole review that it is about."""

    schema: Literal["bedplate.plan/v1"]
    review: ReviewDocument


@document
class PrEnvironmentDocument(TypedDict):
    """One environment of a pull request."""

    environment: str
    state: Literal["unchanged", "changed", "new", "removed", "not comparable", "broken"]
    verdict: str
    blocked: bool
    reasons: list[ReasonDocument]
    problem: NotRequired[str]
    """Why one side could not be rendered."""
    comparison: NotRequired[ComparisonDocument]
    """What differs; absent where nothing does, and where one side could not be rendered."""


@document
class PrDocument(TypedDict):
    """All environments of a pull request."""

    schema: Literal["bedplate.pr/v1"]
    base: str
    head: str
    notes: list[str]
    exit: int
    environments: list[PrEnvironmentDocument]
