"""The document of an upgrade (`bedplate.upgrade/v1`)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from bedplate.output.documents.shape import document

Kind = Literal["safe", "manual", "blocked"]


@document
class EditDocument(TypedDict):
    """A value of a file that comes, changes or goes; null where it is absent."""

    file: str
    path: str
    before: Any
    after: Any


@document
class TransitionDocument(TypedDict):
    """A part that moves; `subject` is the pool whose nodes do, empty where the cluster does."""

    part: str
    subject: str
    before: str
    after: str
    kind: Kind
    reason: str
    source: str
    """Where that was read; empty where nobody stated it, which blocks."""
    irreversible: bool
    reversibleDays: int | None


@document
class GateDocument(TypedDict):
    """What must hold before the next step."""

    kind: Literal["controlPlane", "nodes", "health"]
    subject: str
    """Pool of nodes, or name of the gate of gpuBaseline.health."""
    holds: str
    version: str
    least: int


@document
class DisruptionDocument(TypedDict):
    """Nodes of a pool that are replaced, and what runs on them."""

    pool: str
    nodes: int
    atOnce: int
    newFirst: bool
    gpus: int
    models: list[str]


@document
class GpuCapacityDocument(TypedDict):
    """GPUs that all pools offer: now, at the lowest point of the step, and the declared minimum."""

    now: int
    lowest: int
    minimum: int


@document
class StepDocument(TypedDict):
    """One commit on the way."""

    id: str
    title: str
    kind: Kind
    blocked: list[str]
    byHand: list[str]
    """What somebody does first."""
    edits: list[EditDocument]
    transitions: list[TransitionDocument]
    gates: list[GateDocument]
    disruption: NotRequired[DisruptionDocument]
    gpuCapacity: NotRequired[GpuCapacityDocument]
    pointOfNoReturn: str
    """Why the way back is narrow or closed; empty where it is open."""
    rollback: list[EditDocument]
    rollbackNote: str
    notes: list[str]
    relock: bool
    """Whether `bedplate lock` is run before the step is applied."""
    expand: list[str]
    """Charts that are expanded again with it."""


@document
class ClockDocument(TypedDict):
    """How long something that runs now is supported."""

    subject: str
    status: Literal["standard", "extended", "ended", "unknown"]
    ends: str | None
    daysLeft: int | None


@document
class CanaryDocument(TypedDict):
    """The pool that goes first, and whether the environment says so."""

    pool: str
    declared: bool


@document
class UpgradeDocument(TypedDict):
    """The steps from where the files stand to a baseline."""

    schema: Literal["bedplate.upgrade/v1"]
    environment: str
    today: str
    present: str
    target: str
    canary: CanaryDocument | None
    clocks: list[ClockDocument]
    kept: list[str]
    unused: list[str]
    steps: list[StepDocument]


@document
class JudgedDocument(TypedDict):
    """A gate and how it stands."""

    kind: Literal["controlPlane", "nodes", "health"]
    subject: str
    holds: str
    verdict: Literal["open", "closed", "unknown"]
    reasons: list[str]
    """What keeps it closed, or why nobody can tell."""


@document
class GatesDocument(TypedDict):
    """Whether everything that an environment's files name is there and healthy."""

    schema: Literal["bedplate.gates/v1"]
    environment: str
    open: bool
    """Whether the next step may be taken."""
    gates: list[JudgedDocument]


@document
class RunStepDocument(TypedDict):
    """A step that a run took."""

    id: str
    title: str
    result: Literal["taken", "takenBack", "stuck"]
    """taken: applied, and every gate open; takenBack: as before the step; stuck: neither."""
    commit: str
    """Where the files stand then: the commit of the step, or the one that took it back."""
    layers: list[str]
    """Layers that it changed."""


@document
class UpgradeRunDocument(TypedDict):
    """How a run of an upgrade ended."""

    schema: Literal["bedplate.upgrade-run/v1"]
    environment: str
    target: str
    outcome: Literal["arrived", "paused", "stopped", "takenBack", "stuck"]
    exit: int
    verdict: str
    reason: str
    """Why it went no further; empty where it did what it was asked for."""
    wayBack: str
    """How a step that is stuck is taken back."""
    gates: list[JudgedDocument]
    """Gates that stayed shut."""
    steps: list[RunStepDocument]
    left: list[str]
    """Steps that are still to go."""
