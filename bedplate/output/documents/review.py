"""The review document, one environment judged (`bedplate.review/v1`), and its Graph (`bedplate.graph/v1`)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from bedplate.output.documents.shape import document

Verdict = Literal["pass", "fail", "unknown"]
Level = Literal["mandatory", "advisory", "off"]


@document
class ResourceDocument(TypedDict):
    """One resource. Empty fields are left out."""

    urn: str
    type: str
    name: str
    custom: bool
    """False for components, which only group others."""
    parent: NotRequired[str]
    provider: NotRequired[str]
    """URN of the explicit provider."""
    inputs: NotRequired[dict[str, Any]]
    """What the program passed. {"$unknown": true} is known after apply, {"$secret": true} was a secret."""
    dependencies: NotRequired[list[str]]
    propertyDependencies: NotRequired[dict[str, list[str]]]
    options: NotRequired[dict[str, Any]]
    layer: NotRequired[str]
    entry: NotRequired[str]
    """Place in the environment file that this resource answers to."""
    team: NotRequired[str]
    writer: NotRequired[Literal["argocd", "flux"]]
    """Who applies it where that is not Pulumi; such an object has no provider."""
    derivedFrom: NotRequired[str]
    """URN of the resource whose controller will make this object."""


@document
class GraphDocument(TypedDict):
    """Everything that an environment registers, sorted by URN."""

    schema: Literal["bedplate.graph/v1"]
    environment: str
    resources: list[ResourceDocument]


@document
class RuleResultDocument(TypedDict):
    """How one policy went over all resources that it looks at."""

    policy: str
    title: str
    level: Level
    verdict: Verdict
    evaluated: int
    """Resources that the policy looked at."""
    failed: int
    unknown: int


@document
class ViolationDocument(TypedDict):
    """One finding about one resource."""

    policy: str
    severity: Literal["low", "medium", "high", "critical"]
    level: Level
    verdict: Verdict
    object: str
    urn: str
    entry: str
    path: NotRequired[str]
    """Place inside the resource's inputs; absent where the whole resource is meant."""
    got: NotRequired[Any]
    want: str
    fix: str
    blocks: bool
    waivedUntil: str | None
    """Last day of the waiver that covers it."""


@document
class PoliciesDocument(TypedDict):
    """All policies, and everything that they found."""

    blocked: bool
    results: list[RuleResultDocument]
    violations: list[ViolationDocument]
    """The worst first."""
    problems: list[str]
    """Waivers and levels that do not hold; they block."""


@document
class AmountDocument(TypedDict):
    """Schedulable resources."""

    cpuMillicores: int
    memoryBytes: int
    gpu: int
    """Units of nvidia.com/gpu: shares where GPUs are time-sliced."""
    pods: int
    devices: dict[str, int]
    """Devices of other kinds, as nvidia.com/mig-1g.10gb."""


@document
class MemoryDocument(TypedDict):
    """GPU memory of one replica of a model."""

    model: str
    gpu: str
    gpuBytes: int
    utilization: float
    """Part of the GPU's memory that the runtime takes."""
    usableBytes: int
    weightBytes: int
    overheadBytes: int
    kvBytesPerToken: int
    kvTokens: int
    """Tokens that all running requests share."""
    context: int
    """Tokens of the longest request."""
    fits: bool


@document
class GpuShareDocument(TypedDict):
    """Memory that runtimes may claim together on one time-sliced GPU."""

    pool: str
    worstUtilization: float
    fits: bool


@document
class QuotaDocument(TypedDict):
    """A team's pods, at most replicas, against its quota. `unknown` says what keeps it from being decided."""

    team: str
    requested: AmountDocument
    allowed: AmountDocument
    fits: bool
    unknown: list[str]


@document
class CapacityDocument(TypedDict):
    """The capacity proof."""

    blocked: bool
    fit: Literal["fits in any order", "fits only if packed", "fits once nodes are started", "cannot fit", "not decided"]
    blockedPod: str
    reason: str
    placement: dict[str, str]
    """Pod to node, where a placement is known."""
    pods: int
    nodes: dict[str, int]
    """Nodes at desired size, by pool; of pools that a controller lets grow, those that are there anyway."""
    mostNodes: NotRequired[dict[str, int]]
    """The most nodes of each pool that a controller lets grow; absent where there is none."""
    memory: list[MemoryDocument]
    gpuShares: list[GpuShareDocument]
    quotas: list[QuotaDocument]
    uncounted: list[str]
    """What will run without being part of the proof."""


@document
class CostLineDocument(TypedDict):
    """One billable item of a resource."""

    object: str
    urn: str
    entry: str
    item: str
    quantity: str
    unit: str
    monthly: str | None
    """Cost of a month of 730 hours; null where no price is known."""
    upperBound: bool
    note: str


@document
class CostDocument(TypedDict):
    """What a month costs, and what of it has a price."""

    currency: str
    monthly: str | None
    """Sum of the priced lines only; null where nothing that is billed has a price."""
    budget: str
    overBudget: bool
    priced: int
    billable: int
    pricesAsOf: str
    """Day of the oldest price used; empty where none is."""
    lines: list[CostLineDocument]


@document
class ReviewDocument(TypedDict):
    """One environment, judged: what `plan` compares, and what `apply --plan` is held against."""

    schema: Literal["bedplate.review/v1"]
    environment: str
    tier: Literal["development", "staging", "production"]
    today: str
    """Day that waivers were held against."""
    graphDigest: str
    graph: GraphDocument
    policies: PoliciesDocument
    capacity: CapacityDocument
    cost: CostDocument
    unresolved: list[str]
    """References without a digest."""
    notVendored: list[str]
    """Charts whose objects the Graph does not hold."""
    decisions: dict[str, Any]
    """Inputs that decide without being resources: levels, waivers, budget, owner, baseline, tier."""
