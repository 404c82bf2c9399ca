"""The capacity proof: do the derived pods fit on the declared nodes, in memory of their GPUs, and within quotas?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bedplate.capacity.allocatable import allocatable, allocatable_by_karpenter, allocatable_server
from bedplate.capacity.claims import claims_of
from bedplate.capacity.elastic import place_elastic
from bedplate.capacity.memory import MemoryProof, memory_proof
from bedplate.capacity.packing import Fit, Packing
from bedplate.capacity.placement import Pool, Variant
from bedplate.capacity.quota import QuotaCheck, quota_checks
from bedplate.capacity.resources import DIMENSIONS, Amount, container_defaults, devices
from bedplate.catalog.catalog import Catalog
from bedplate.catalog.mig import GPU_RESOURCE
from bedplate.environment.environment import AnyPoolSpec
from bedplate.environment.facts import KarpenterFacts, NodeFacts, PoolFacts, node_facts
from bedplate.environment.limits import most_nodes, most_of
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.derive.expand import PodGroup, node_groups, pod_groups, underivable
from bedplate.graph.derive.karpenter import other_node_pools
from bedplate.graph.derive.node_group import NodeGroup
from bedplate.graph.derive.scheduling import daemon_doubts
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import kubernetes_objects
from bedplate.graph.values import Json, get, thaw
from components.inventory_pool.spec import InventoryPoolSpec


@dataclass(frozen=True, slots=True)
class GpuShareCheck:
    """Memory that runtimes claim on time-sliced GPUs of a pool: parts of one GPU, in the worst mix of pods."""

    pool: str
    worst: float
    fits: bool

    def to_json(self) -> dict[str, Json]:
        return {"pool": self.pool, "worstUtilization": self.worst, "fits": self.fits}


@dataclass(frozen=True, slots=True)
class CapacityReport:
    """All proofs. `uncounted` names what will run but is not in the Graph, so that nobody reads the proof as whole."""

    packing: Packing
    pods: int
    nodes: Mapping[str, int]
    memory: tuple[MemoryProof, ...]
    shares: tuple[GpuShareCheck, ...]
    quotas: tuple[QuotaCheck, ...]
    uncounted: tuple[str, ...]
    most_nodes: Mapping[str, int] = field(default_factory=dict)
    """The most nodes of each pool that a controller lets grow."""

    @property
    def blocked(self) -> bool:
        """Whether anything is proved not to fit, or could not be decided."""
        return (
            self.packing.fit in (Fit.CANNOT, Fit.UNKNOWN)
            or not all(proof.fits for proof in self.memory)
            or not all(check.fits for check in self.shares)
            or not all(check.fits for check in self.quotas)
        )

    def to_json(self) -> dict[str, Json]:
        return {
            "blocked": self.blocked,
            "fit": str(self.packing.fit),
            "blockedPod": self.packing.blocked,
            "reason": self.packing.reason,
            "placement": dict(self.packing.placement),
            "pods": self.pods,
            "nodes": dict(self.nodes),
            **({"mostNodes": dict(self.most_nodes)} if self.most_nodes else {}),
            "memory": [proof.to_json() for proof in self.memory],
            "gpuShares": [check.to_json() for check in self.shares],
            "quotas": [check.to_json() for check in self.quotas],
            "uncounted": list(self.uncounted),
        }


def prove(graph: Graph, resolved: ResolvedEnvironment, catalog: Catalog) -> CapacityReport:
    """All capacity proofs for `graph` (with derived pods), at desired node counts and most replicas."""
    specs = {pool.name: pool for pool in resolved.environment.node_pools}
    facts = {name: _facts(pool, catalog) for name, pool in specs.items()}
    pods = pod_groups(graph)
    groups = node_groups(graph)
    defaults = _defaults(graph)
    prefixes = resolved.environment.pods.prefix_delegation
    pools = [_pool(group, specs[group.pool], facts[group.pool], catalog, prefixes) for group in groups]
    claims = claims_of(graph)
    most = {pool.name: pool.most_nodes for pool in sorted(pools, key=lambda pool: pool.name) if pool.variants}
    placement = place_elastic(pods, pools, defaults, claims)
    return CapacityReport(
        packing=placement.packing,
        pods=placement.pods,
        nodes=dict(sorted(placement.nodes.items())),
        most_nodes=most,
        memory=_memory(resolved, facts, catalog),
        shares=_shares(resolved, facts),
        quotas=quota_checks(
            resolved.environment.teams, pods, {group.pool: group.count for group in groups} | most, defaults, claims
        ),
        uncounted=_uncounted(graph, resolved, pods, groups),
    )


def _facts(pool: AnyPoolSpec, catalog: Catalog) -> NodeFacts:
    facts = node_facts(pool, catalog)
    assert facts is not None  # cross-checked
    return facts


def _pool(group: NodeGroup, spec: AnyPoolSpec, facts: NodeFacts, catalog: Catalog, prefix_delegation: bool) -> Pool:
    """The nodes of `group`: of several instance types the least and the most that one of them offers."""
    # Instance types of one pool have the same GPUs.
    others = devices({name: count for name, count in facts.offers.items() if name != GPU_RESOURCE})
    offers = [replace(each, devices=others) for each in _offers(group, spec, facts, catalog, prefix_delegation)]
    least, most = (
        replace(Amount(*(pick(getattr(offer, name) for offer in offers) for name in DIMENSIONS)), devices=others)
        for pick in (min, max)
    )
    if not (group.elastic and isinstance(facts, KarpenterFacts)):
        return Pool(group, least, most)
    types = [catalog.instance_types[name] for name in group.instance_types]
    variants = [Variant(item.name, offer, most_of(facts.pool, item)) for item, offer in zip(types, offers, strict=True)]
    ordered = sorted(variants, key=lambda each: (each.offer.gpu, each.offer.cpu, each.offer.memory, each.instance_type))
    return Pool(group, least, most, tuple(ordered), most_nodes(facts.pool, types))


def _offers(
    group: NodeGroup, spec: AnyPoolSpec, facts: NodeFacts, catalog: Catalog, prefix_delegation: bool
) -> list[Amount]:
    units = facts.offers.get(GPU_RESOURCE, 0)
    if isinstance(spec, InventoryPoolSpec):
        return [allocatable_server(catalog.servers[spec.server], gpu_units=units, reserved=spec.reserved)]
    if isinstance(facts, KarpenterFacts):
        most = facts.pool.kubelet.max_pods if facts.pool.kubelet else None
        karpenter = (catalog.instance_types[name] for name in group.instance_types)
        return [allocatable_by_karpenter(item, gpu_units=units, max_pods=most) for item in karpenter]
    assert isinstance(facts, PoolFacts)
    taken = sum(1 for item in facts.interfaces if item.card == 0 and item.kind == "efa-only")
    types = (catalog.instance_types[name] for name in group.instance_types)
    return [
        allocatable(item, gpu_units=units, interfaces_taken=taken, prefix_delegation=prefix_delegation)
        for item in types
    ]


def _defaults(graph: Graph) -> dict[str, dict[str, Json]]:
    """Requests that LimitRanges give to containers without any, by namespace."""
    found: dict[str, dict[str, Json]] = {}
    for item in kubernetes_objects(graph):
        if item.kind == "LimitRange":
            found.setdefault(item.namespace, {}).update(container_defaults(item.manifest))
    return found


def _memory(resolved: ResolvedEnvironment, facts: Mapping[str, NodeFacts], catalog: Catalog) -> tuple[MemoryProof, ...]:
    proofs: list[MemoryProof] = []
    for model in resolved.environment.models:
        release, device = resolved.release(model.release), facts[model.pool].device(model.mig_profile)
        assert device is not None  # cross-checked
        shape, runtime = catalog.architectures[release.architecture], catalog.runtimes[release.runtime.name]
        name, memory = device
        proofs.append(memory_proof(model.name, release, shape, runtime, gpu=name, gpu_memory_mib=memory))
    return tuple(proofs)


def _shares(resolved: ResolvedEnvironment, facts: Mapping[str, NodeFacts]) -> tuple[GpuShareCheck, ...]:
    """Time-slicing isolates no memory: the parts of any pods that may meet on one GPU must not exceed the whole."""
    checks: list[GpuShareCheck] = []
    for name, pool in sorted(facts.items()):
        if pool.shares_per_gpu == 1:
            continue
        parts: list[float] = []
        for model in resolved.environment.models:
            if model.pool == name:
                parts += [resolved.release(model.release).runtime.gpu_memory_utilization] * model.scale.max
        worst = round(sum(sorted(parts, reverse=True)[: pool.shares_per_gpu]), 6)
        checks.append(GpuShareCheck(name, worst, worst <= 1.0))
    return tuple(checks)


def _uncounted(
    graph: Graph, resolved: ResolvedEnvironment, pods: Sequence[PodGroup], groups: Sequence[NodeGroup]
) -> tuple[str, ...]:
    """What runs without being in the proof: add-ons that nobody expanded, and pods or nodes without a known number."""
    vendored = {chart.name for chart in resolved.vendored}
    charts = [addon.name for addon in resolved.environment.addons if addon.source == "chart"]
    missing = [f"chart {name}" for name in charts if name not in vendored]
    missing += [
        f"{addon.name} {addon.version}, provided by the cluster"
        for addon in resolved.environment.addons
        if addon.source == "provided"
    ]
    missing += [f"EKS add-on {get(addon.inputs, 'addonName')}" for addon in graph.of_type("aws:eks/addon:Addon")]
    missing += [f"pods of {pod.namespace}/{pod.name}: no upper bound" for pod in pods if pod.maximum is None]
    missing += [f"pool {group.pool}: size known only after apply" for group in groups if group.count is None]
    missing += [f"nodes of NodePool {name}, which is no pool of the environment" for name in other_node_pools(graph)]
    return tuple(sorted([*missing, *_daemon_doubts(graph, groups), *underivable(graph)]))


def _daemon_doubts(graph: Graph, groups: Sequence[NodeGroup]) -> list[str]:
    """DaemonSets of which nobody can tell on which nodes they run."""
    shapes = [group.shape for group in groups]
    return [
        f"pods of DaemonSet {item.namespace}/{item.name}: {text}"
        for item in kubernetes_objects(graph)
        if item.kind == "DaemonSet"
        for text in daemon_doubts(thaw(item.manifest), shapes)
    ]
