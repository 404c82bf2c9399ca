"""Facts that follow from an environment and the catalogue, in one place for checks, components and judges."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.devices import GPU_CLASS, mig_class
from bedplate.catalog.fields import Architecture
from bedplate.catalog.hardware import AmiFamily, Gpu, InstanceType, Machine
from bedplate.catalog.mig import GPU_RESOURCE, Partition
from bedplate.catalog.versions import Baseline
from bedplate.environment.environment import AnyPoolSpec
from bedplate.environment.sections import ChartAddonSpec
from components.efa import Interface, interfaces
from components.inventory_pool.spec import InventoryPoolSpec
from components.karpenter.spec import KarpenterPoolSpec
from components.node_fields import SharingSpec
from components.node_pool.spec import NodePoolSpec

_FAMILIES: dict[str, AmiFamily] = {"al2023": "AL2023", "bottlerocket": "BOTTLEROCKET"}


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """Hardware behind a pool of any kind. `machine` is one of its nodes; all of them have the same GPUs.

    `shares_per_gpu` is how many pods take turns on one GPU, or on one MIG instance of it: 1, or the replicas of
    time-slicing. `partition` is how MIG splits each GPU. With `dra` pods claim what they count else.
    """

    sharing: SharingSpec | None
    machine: Machine
    gpu: Gpu | None
    shares_per_gpu: int
    partition: Partition | None
    dra: bool

    @property
    def gpu_memory_mib(self) -> int | None:
        """Memory of one GPU as EC2, or the GPU's own row, gives it, MiB; None where neither does."""
        own = self.machine.gpu_memory_mib if isinstance(self.machine, InstanceType) else None
        return own or (self.gpu.memory_mib if self.gpu else None)

    @property
    def gpu_unit(self) -> str:
        """What pods ask for to get a GPU: an extended resource, or a device class."""
        return GPU_CLASS if self.dra else GPU_RESOURCE

    @property
    def gpu_units_per_node(self) -> int:
        """What a node offers of `gpu_unit`."""
        return self.offers.get(self.gpu_unit, 0)

    def device(self, profile: str | None = None) -> tuple[str, int] | None:
        """Name and memory, MiB, of what a pod gets that asks for one GPU, or for one instance of `profile` where nodes
        offer instances by profile. None where there is none of it, or where nobody knows its memory."""
        if self.gpu is None or (self.gpu_units_per_node == 0 and profile is None):
            return None
        name, memory = self.gpu.name, self.gpu.memory_mib
        if self.partition is not None:
            profile = profile or next(iter(self.partition.layout))
            name, memory = f"{name} MIG {profile}", self.partition.memory_mib.get(profile)
        return None if memory is None else (name, memory)

    @property
    def offers(self) -> dict[str, int]:
        """What a node offers of its GPUs, by extended resource or by device class."""
        if self.gpu is None:
            return {}
        if self.dra:
            layout = self.partition.layout if self.partition else None
            per_class = {mig_class(profile): count for profile, count in layout.items()} if layout else {GPU_CLASS: 1}
            return {name: count * self.machine.gpu_count for name, count in sorted(per_class.items())}
        per_gpu = self.partition.resources if self.partition else {GPU_RESOURCE: self.shares_per_gpu}
        return {name: count * self.machine.gpu_count for name, count in per_gpu.items()}


@dataclass(frozen=True, slots=True)
class Ec2Facts(NodeFacts):
    """Hardware behind a pool of EC2 instances, whoever starts them. `instance` is the first of its types."""

    pool: NodePoolSpec | KarpenterPoolSpec

    @property
    def instance(self) -> InstanceType:
        """The machine as the EC2 instance type that it is."""
        assert isinstance(self.machine, InstanceType)
        return self.machine


@dataclass(frozen=True, slots=True)
class KarpenterFacts(Ec2Facts):
    """Hardware behind a pool that Karpenter keeps."""

    pool: KarpenterPoolSpec


@dataclass(frozen=True, slots=True)
class PoolFacts(Ec2Facts):
    """Hardware behind a managed node group. `instance` is its first (preferred) type."""

    pool: NodePoolSpec

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """Network interfaces of a node with EFA; none where the pool has no EFA, and EC2 makes the usual one."""
        if not self.adapters:
            return ()
        return interfaces(self.adapters, most=self.instance.efa_interfaces or 0, cards=self.instance.network_cards)

    @property
    def adapters(self) -> int:
        """Elastic Fabric Adapters of a node."""
        if self.pool.efa is None:
            return 0
        wanted = self.pool.efa.interfaces
        return self.instance.efa_interfaces or 0 if wanted == "max" else wanted


def pool_facts(pool: NodePoolSpec, catalog: Catalog) -> PoolFacts:
    """Facts of a managed pool. Its instance types must be in the catalogue."""
    own = _node_facts(pool, catalog.instance_types[pool.instance_types[0]], catalog)
    return PoolFacts(own.sharing, own.machine, own.gpu, own.shares_per_gpu, own.partition, own.dra, pool)


def karpenter_facts(pool: KarpenterPoolSpec, catalog: Catalog) -> KarpenterFacts:
    """Facts of a pool that Karpenter keeps. Its instance types must be in the catalogue."""
    own = _node_facts(pool, catalog.instance_types[pool.instance_types[0]], catalog)
    return KarpenterFacts(own.sharing, own.machine, own.gpu, own.shares_per_gpu, own.partition, own.dra, pool)


def ec2_facts(pool: NodePoolSpec | KarpenterPoolSpec, catalog: Catalog) -> Ec2Facts:
    """Facts of a pool of EC2 instances. Its instance types must be in the catalogue."""
    return pool_facts(pool, catalog) if isinstance(pool, NodePoolSpec) else karpenter_facts(pool, catalog)


def node_facts(pool: AnyPoolSpec, catalog: Catalog) -> NodeFacts | None:
    """Facts of a pool of any kind; None where the catalogue does not know its hardware, as a cross-check says."""
    if not isinstance(pool, InventoryPoolSpec):
        return ec2_facts(pool, catalog) if set(pool.instance_types) <= catalog.instance_types.keys() else None
    server = catalog.servers.get(pool.server)
    return _node_facts(pool, server, catalog) if server else None


def nodes_of(pool: AnyPoolSpec) -> tuple[int, int]:
    """Nodes of a pool: the fewest that it may have, and those that it is meant to have, whatever pods wait."""
    if isinstance(pool, NodePoolSpec):
        return pool.size.min, pool.size.desired
    if isinstance(pool, KarpenterPoolSpec):
        return pool.replicas or 0, pool.replicas or 0
    return len(pool.nodes), len(pool.nodes)


def _node_facts(pool: AnyPoolSpec, machine: Machine, catalog: Catalog) -> NodeFacts:
    gpu, sharing = catalog.gpus[machine.gpu] if machine.gpu else None, pool.sharing
    slicing = sharing.time_slicing if sharing else None
    partition = _partition(sharing, gpu, catalog)
    return NodeFacts(sharing, machine, gpu, slicing.replicas if slicing else 1, partition, claims_gpus(pool))


def claims_gpus(pool: AnyPoolSpec) -> bool:
    """Whether pods claim the pool's GPUs. Karpenter starts nodes for what pods count, and its pools know no claims."""
    return not isinstance(pool, KarpenterPoolSpec) and pool.device_path == "dra"


def _partition(sharing: SharingSpec | None, gpu: Gpu | None, catalog: Catalog) -> Partition | None:
    """None as well where the GPU has not every profile that is asked for: a cross-check says so."""
    mig = sharing.mig if sharing else None
    known = catalog.mig_profiles_of(gpu.name) if gpu else {}
    if mig is None or not {*mig.layout, *([mig.profile] if mig.profile else [])} <= known.keys():
        return None
    layout = dict(mig.layout) if mig.profile is None else {mig.profile: known[mig.profile].most}
    return Partition(layout, mig.strategy, {profile: known[profile].memory_mib for profile in layout})


def ami_type_for(
    catalog: Catalog, architecture: Architecture, *, gpu: bool, family: AmiFamily = "AL2023", fips: bool = False
) -> str:
    """EKS AMI type for an architecture, with the NVIDIA driver where `gpu` is set.

    Raises LookupError where EKS has none: only Bottlerocket is offered with validated cryptography (`fips`).
    """
    found = catalog.ami_type_for(architecture, gpu=gpu, family=family, fips=fips)
    if found is None:
        raise LookupError(f"EKS has no AMI type of {family} for {architecture} with gpu={gpu}, fips={fips}")
    return found.name


@dataclass(frozen=True, slots=True)
class PoolImage:
    """What nodes of a pool of EC2 instances run: EKS's AMI type, its release, and the Kubernetes version.

    `release` is None where neither the pool nor the baseline names one that fits.
    """

    ami_type: str
    release: str | None
    kubernetes: str


def pool_image(facts: Ec2Facts, baseline: Baseline, catalog: Catalog) -> PoolImage:
    """The image of a pool. The baseline's release is one of Amazon Linux 2023 for its own Kubernetes."""
    pool = facts.pool
    kubernetes = pool.kubernetes or baseline.kubernetes
    gpu = facts.gpu is not None
    family = _FAMILIES[pool.ami.family]
    ami_type = ami_type_for(catalog, facts.instance.architecture, gpu=gpu, family=family, fips=pool.ami.fips)
    fits = pool.ami.family == "al2023" and kubernetes == baseline.kubernetes
    return PoolImage(ami_type, pool.ami.release or (baseline.ami_release if fits else None), kubernetes)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as its publisher names it: ``oci://registry/name`` or ``https://host/name``, and its version."""

    repository: str
    version: str

    @property
    def reference(self) -> str:
        """Repository and version in one text, as locks write it."""
        return f"{self.repository}:{self.version}"


def chart_of(addon: ChartAddonSpec, baseline: Baseline) -> Chart | None:
    """The chart of `addon`: what it says itself, else the baseline's of that name; None where neither says it."""
    known = baseline.charts.get(addon.name)
    repository = addon.chart or (known.repository if known else None)
    version = addon.version or (known.version if known else None)
    return Chart(repository, version) if repository and version else None


def expansion(addon: ChartAddonSpec, kubernetes: str) -> str:
    """``sha256:<hex>`` of all that decides, beside the chart itself, which objects it expands to.

    `kubernetes` is the version that it is expanded for. The lock keeps this digest, so that a value which changed
    after the expansion is noticed.
    """
    inputs = {"kubernetes": kubernetes, "namespace": addon.namespace, "values": dict(addon.values)}
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
