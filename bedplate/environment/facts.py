"""Facts that follow from an environment and the catalogue, in one place for checks, components and judges."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from bedplate.catalog.catalog import Catalog, load
from bedplate.catalog.fields import Architecture
from bedplate.catalog.hardware import AmiFamily
from bedplate.catalog.rows import Baseline, Gpu, InstanceType
from bedplate.environment.sections import ChartAddonSpec
from components.node_pool.spec import NodePoolSpec

_FAMILIES: dict[str, AmiFamily] = {"al2023": "AL2023", "bottlerocket": "BOTTLEROCKET"}


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """Hardware behind a pool. `instance` is the first (preferred) type; all types of a pool have the same GPUs.

    `shares_per_gpu` is how many pods one GPU counts for: 1, or the replicas of time-slicing.
    """

    pool: NodePoolSpec
    instance: InstanceType
    gpu: Gpu | None
    shares_per_gpu: int

    @property
    def gpu_units_per_node(self) -> int:
        """What a node offers as nvidia.com/gpu."""
        return self.instance.gpu_count * self.shares_per_gpu if self.gpu else 0


def pool_facts(pool: NodePoolSpec, catalog: Catalog) -> PoolFacts:
    """Facts of `pool`. Its instance types must be in the catalogue."""
    instance = catalog.instance_types[pool.instance_types[0]]
    gpu = catalog.gpus[instance.gpu] if instance.gpu else None
    shares = pool.sharing.time_slicing.replicas if pool.sharing else 1
    return PoolFacts(pool, instance, gpu, shares)


def ami_type_for(architecture: Architecture, *, gpu: bool, family: AmiFamily = "AL2023", fips: bool = False) -> str:
    """EKS AMI type for an architecture, with the NVIDIA driver where `gpu` is set.

    Raises LookupError where EKS has none: only Bottlerocket is offered with validated cryptography (`fips`).
    """
    found = load().ami_type_for(architecture, gpu=gpu, family=family, fips=fips)
    if found is None:
        raise LookupError(f"EKS has no AMI type of {family} for {architecture} with gpu={gpu}, fips={fips}")
    return found.name


@dataclass(frozen=True, slots=True)
class PoolImage:
    """What a managed pool's nodes run: EKS's AMI type, its release, and the Kubernetes version.

    `release` is None where neither the pool nor the baseline names one that fits.
    """

    ami_type: str
    release: str | None
    kubernetes: str


def pool_image(facts: PoolFacts, baseline: Baseline) -> PoolImage:
    """The image of a managed pool. The baseline's release is one of Amazon Linux 2023 for its own Kubernetes."""
    pool = facts.pool
    kubernetes = pool.kubernetes or baseline.kubernetes
    gpu = facts.gpu is not None
    family = _FAMILIES[pool.ami.family]
    ami_type = ami_type_for(facts.instance.architecture, gpu=gpu, family=family, fips=pool.ami.fips)
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
