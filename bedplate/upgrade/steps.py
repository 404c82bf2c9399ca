"""What an upgrade consists of: steps with their edits, what each takes, what must hold after it, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bedplate.catalog.support import Support
from bedplate.catalog.versions import UpgradeKind
from bedplate.model.edits import Edit

CLOSED = "cannot be taken back: mend what is wrong"
"""The way back from what the catalogue calls irreversible."""

GateKind: TypeAlias = Literal["controlPlane", "nodes", "health"]


@dataclass(frozen=True, slots=True)
class Transition:
    """A part that a step moves from one version to another, and what that takes.

    `subject` is the pool whose nodes move, empty where the cluster does. `source` is empty where nobody stated it:
    then it is blocked.
    """

    part: str
    subject: str
    old: str
    new: str
    kind: UpgradeKind
    reason: str
    source: str
    irreversible: bool = False
    reversible_days: int | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that must hold before the next step.

    controlPlane: the API server runs Kubernetes `version`.
    nodes: at least `least` nodes of the pool `subject` are Ready, and all of them run `version`.
    health: the gate called `subject` of gpuBaseline.health is open; minimumGpus asks for `least` GPUs.
    """

    kind: GateKind
    subject: str
    title: str
    version: str = ""
    least: int = 0


@dataclass(frozen=True, slots=True)
class Disruption:
    """What moves: nodes of a pool, `at_once` of them, with a new one before each that goes or after it; models whose
    pods run there, and GPUs below them."""

    pool: str
    nodes: int
    at_once: int
    new_first: bool
    gpus: int
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GpuCapacity:
    """GPUs that all pools offer now, the fewest that can take pods while the step runs, and the declared minimum."""

    now: int
    lowest: int
    minimum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One commit: edits that leave a valid environment, applied, and watched until its gates hold.

    `id` is stable within an upgrade. `blocked` are reasons why it may not be done now; `by_hand` is what somebody does
    first; `notes` what to know. `expand` are charts to expand again and `relock` whether the lock must be made anew
    before the step is applied. `point_of_no_return` says why the way back is narrow or closed, empty where it is open.
    """

    id: str
    title: str
    edits: tuple[Edit, ...]
    transitions: tuple[Transition, ...] = ()
    gates: tuple[Gate, ...] = ()
    disruption: Disruption | None = None
    capacity: GpuCapacity | None = None
    point_of_no_return: str = ""
    rollback: tuple[Edit, ...] = ()
    rollback_note: str = ""
    blocked: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    relock: bool = False
    expand: tuple[str, ...] = ()

    @property
    def irreversible(self) -> bool:
        """Whether the way back is closed for good, so that reverting the commit brings nothing back."""
        return any(move.irreversible for move in self.transitions)

    @property
    def kind(self) -> UpgradeKind:
        """The worst of everything that the step takes."""
        if self.blocked or any(item.kind == "blocked" for item in self.transitions):
            return "blocked"
        return "manual" if self.by_hand or any(item.kind == "manual" for item in self.transitions) else "safe"


@dataclass(frozen=True, slots=True)
class Clock:
    """How long something that runs now is supported, seen from the day of the plan."""

    subject: str
    support: Support


@dataclass(frozen=True, slots=True)
class Canary:
    """The pool that goes first, and whether the environment says so or the plan chose it."""

    pool: str
    declared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradePlan:
    """The way from where the files stand to a baseline. Without steps the environment is there already.

    `kept` are overrides of the environment's own, which stay; `unused` parts of the baseline that move, and that
    nothing here runs.
    """

    environment: str
    present: str
    target: str
    steps: tuple[Step, ...]
    canary: Canary | None = None
    clocks: tuple[Clock, ...] = ()
    kept: tuple[str, ...] = ()
    unused: tuple[str, ...] = field(default=())
