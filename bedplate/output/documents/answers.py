"""Documents of the smaller commands: validate, explain, why, manifests, and what `--json` gives on an error."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from bedplate.output.documents.shape import document


@document
class PlaceDocument(TypedDict):
    """A place in a file of the platform repository; line and column count from 1."""

    file: str
    line: int
    column: int


@document
class ProblemDocument(TypedDict):
    """One mistake in the input."""

    place: NotRequired[PlaceDocument]
    path: str
    """Place inside the document, for example nodePools[2].size.min."""
    message: str
    allowed: list[str]
    hint: str


@document
class ValidatedDocument(TypedDict):
    """One environment: good where `problems` is empty."""

    environment: str
    problems: list[ProblemDocument]
    warnings: list[ProblemDocument]


@document
class ValidateDocument(TypedDict):
    """What `bedplate validate` found."""

    schema: Literal["bedplate.validate/v1"]
    exit: int
    environments: list[ValidatedDocument]


@document
class DifferenceDocument(TypedDict):
    """A value that two environments have differently."""

    path: str
    first: Any
    """Null where the first environment has no such value."""
    second: Any
    """Null where the second environment has no such value."""
    reason: str
    """Why they are meant to differ; empty where nobody gave a reason."""


@document
class DiffDocument(TypedDict):
    """What `bedplate diff` found between two environments."""

    schema: Literal["bedplate.diff/v1"]
    first: str
    second: str
    verdict: str
    differences: list[DifferenceDocument]
    stale: list[str]
    """Paths that are declared to differ, and do not."""


@document
class WrittenDocument(TypedDict):
    """A value and where it was written."""

    value: Any
    place: PlaceDocument


@document
class ExplainDocument(TypedDict):
    """Where a value of an environment comes from, and what may stand there."""

    schema: Literal["bedplate.explain/v1"]
    environment: str
    path: str
    value: Any
    """The value that counts, defaults included; null where none is set."""
    isDefault: bool
    """Whether nobody wrote it."""
    place: NotRequired[PlaceDocument]
    overrides: list[WrittenDocument]
    """Values that it replaced, the nearest first."""
    description: str
    allowed: list[str]
    """Allowed values and bounds, in words."""
    examples: list[Any]
    keys: list[str]
    """Keys of a mapping, or names and indices of a list."""


@document
class ObjectDocument(TypedDict):
    """A resource, by its name for people and for machines."""

    object: str
    urn: str


@document
class WhyDocument(TypedDict):
    """Which entry of the environment makes a resource, and what hangs together with it."""

    schema: Literal["bedplate.why/v1"]
    environment: str
    object: str
    urn: str
    components: list[ObjectDocument]
    """Components around it, the nearest first."""
    entry: str
    place: NotRequired[PlaceDocument]
    layer: str
    team: str
    derivedFrom: NotRequired[ObjectDocument]
    """The object whose controller makes it."""
    dependsOn: list[ObjectDocument]
    neededBy: list[ObjectDocument]
    derives: list[ObjectDocument]
    """Objects that controllers make of it."""


@document
class WaveDocument(TypedDict):
    """Manifests that may be applied together, after all waves before."""

    folder: str
    files: list[str]


@document
class ManifestsDocument(TypedDict):
    """What `bedplate manifests` wrote."""

    schema: Literal["bedplate.manifests/v1"]
    environment: str
    graphDigest: str
    waves: list[WaveDocument]
    files: list[str]
    """All files below the target folder, sorted."""


@document
class FileDocument(TypedDict):
    """One file that a command keeps up to date."""

    path: str
    """Below the root of the platform repository."""
    state: Literal["kept", "same", "stale", "written"]
    """kept: it was there, and is not looked at; stale: it differs, and nothing was to be written."""


@document
class FilesDocument(TypedDict):
    """What `bedplate init` or `bedplate schema` made of its files."""

    schema: Literal["bedplate.files/v1"]
    files: list[FileDocument]


@document
class PolicyListedDocument(TypedDict):
    """One policy that judges an environment."""

    policy: str
    level: str
    """The level that it has in this environment."""
    severity: str
    title: str
    fix: str
    file: str
    """Where it stands in the platform repository; empty for those of Bedplate."""


@document
class PolicyTestedDocument(TypedDict):
    """How the cases of one policy of the repository's own went."""

    policy: str
    cases: int
    problems: list[str]


@document
class PoliciesListDocument(TypedDict):
    """What `bedplate policies` found."""

    schema: Literal["bedplate.policies/v1"]
    environment: str
    policies: list[PolicyListedDocument]
    tests: NotRequired[list[PolicyTestedDocument]]
    """Only where --test was asked for."""


@document
class ErrorDocument(TypedDict):
    """Why a command gave no other document."""

    schema: Literal["bedplate.error/v1"]
    exit: int
    reason: Literal["failed", "input", "policy", "budget or capacity", "drift", "integrity", "interrupted"]
    message: str


@document
class EscalationDocument(TypedDict):
    """Whom to call when nobody answered before."""

    afterMinutes: int
    contact: str


@document
class AnswerDocument(TypedDict):
    """Who answers for one part."""

    part: str
    covers: str
    party: Literal["provider", "platformTeam", "modelTeams", "siteOperator"] | None
    groups: list[str]
    contact: str
    unowned: str
    """Why nobody answers; empty where somebody does."""


@document
class OwnersDocument(TypedDict):
    """Who answers for what in an environment, and who approves which change."""

    schema: Literal["bedplate.owners/v1"]
    environment: str
    owner: str
    contact: str
    escalation: list[EscalationDocument]
    decisionRights: dict[str, list[str]]
    """Approvers by path: cluster, platform, models, waivers."""
    teams: dict[str, list[str]]
    """Owners by team."""
    responsibilities: list[AnswerDocument]


@document
class CodeownersDocument(TypedDict):
    """What became of the CODEOWNERS file."""

    schema: Literal["bedplate.codeowners/v1"]
    path: str
    """Below the root of the repository."""
    state: Literal["up to date", "out of date", "written"]
