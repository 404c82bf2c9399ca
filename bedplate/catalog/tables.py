"""The tables of the catalogue: what is known of clouds, hardware, versions, models and prices, with source and date.

Facts are rows of the files below data/; a new instance type, model shape or price is a row, not code. A file is read
when it is first asked for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bedplate.catalog.hardware import (
    AmiType,
    CudaRelease,
    DriverBranch,
    DriverContainer,
    Gpu,
    GpuFault,
    InstanceType,
    Server,
)
from bedplate.catalog.iam_rows import BoundaryPolicy, IamActions
from bedplate.catalog.mig import MigProfile
from bedplate.catalog.overlay import lay_over
from bedplate.catalog.parts import BaselinePart
from bedplate.catalog.read import K, R, Refusal, read_plain, read_rows
from bedplate.catalog.rows import (
    EksAddon,
    EksRegistry,
    ModelArchitecture,
    OneWay,
    Price,
    PublishedDigest,
    ReplacementRule,
    Runtime,
    VpcEndpointService,
    Writer,
)
from bedplate.catalog.versions import AmiSupport, Baseline, KubernetesVersion, Upgrade
from bedplate.model.source import InputError, Problem

DATA = Path(__file__).with_name("data")

KSERVE = "kserve-"
"""How the names of files of KServe releases begin, which are no tables."""

CLOSED_TABLES = frozenset({"iam-boundaries", "writers"})
"""Tables that a platform repository cannot add to: what roles may do at most, and what only Bedplate looks at."""


@dataclass(frozen=True)
class Tables:
    """Each table is a read-only mapping by the name of its rows, sorted.

    `overlay` is the root of a platform repository whose own rows are laid over the shipped ones. A table raises
    InputError, with file and line, when a file of it is wrong.
    """

    folder: Path = DATA
    overlay: Path | None = None

    @cached_property
    def kubernetes_versions(self) -> Mapping[str, KubernetesVersion]:
        """Minors that EKS offers ("1.35")."""
        return self._rows("kubernetes-versions", KubernetesVersion, lambda row: row.version)

    @cached_property
    def gpus(self) -> Mapping[str, Gpu]:
        """GPUs by short name ("L4")."""
        return self._rows("gpus", Gpu, lambda row: row.name)

    @cached_property
    def mig_profiles(self) -> Mapping[tuple[str, ...], MigProfile]:
        """Kinds of instances that a GPU can be split into, by GPU and profile."""
        return self._rows("mig-profiles", MigProfile, lambda row: (row.gpu, row.profile), self._gpu_known)

    @cached_property
    def gpu_faults(self) -> Mapping[str, GpuFault]:
        """Faults of GPUs that repair nodes, by the reason of the condition ("NvidiaXID64Error")."""
        return self._rows("gpu-faults", GpuFault, lambda row: row.reason)

    @cached_property
    def instance_types(self) -> Mapping[str, InstanceType]:
        """EC2 instance types ("g6.2xlarge")."""
        return self._rows("instance-types", InstanceType, lambda row: row.name, self._gpu_known)

    @cached_property
    def servers(self) -> Mapping[str, Server]:
        """Servers that are no cloud's ("nvidia-dgx-h100")."""
        return self._rows("servers", Server, lambda row: row.name, self._gpu_known)

    @cached_property
    def driver_branches(self) -> Mapping[str, DriverBranch]:
        """Branches of NVIDIA's data centre driver ("580")."""
        return self._rows("drivers", DriverBranch, lambda row: row.branch)

    @cached_property
    def driver_containers(self) -> Mapping[str, DriverContainer]:
        """Systems for which NVIDIA publishes images of its driver ("ubuntu24.04")."""
        return self._rows("driver-containers", DriverContainer, lambda row: row.os)

    @cached_property
    def cuda_releases(self) -> Mapping[str, CudaRelease]:
        """CUDA toolkits by minor version ("12.8")."""
        return self._rows("cuda", CudaRelease, lambda row: row.version)

    @cached_property
    def ami_types(self) -> Mapping[str, AmiType]:
        """AMI types of managed node groups ("AL2023_x86_64_NVIDIA")."""
        return self._rows("ami-types", AmiType, lambda row: row.name)

    @cached_property
    def baselines(self) -> Mapping[str, Baseline]:
        """Sets of versions ("2026.11")."""
        return self._rows("baselines", Baseline, lambda row: row.name, self._versions_known)

    @cached_property
    def baseline_parts(self) -> Mapping[str, BaselinePart]:
        """What belongs to each part of a baseline ("devicePlugin")."""
        return self._rows("baseline-parts", BaselinePart, lambda row: row.part)

    @cached_property
    def upgrades(self) -> Mapping[tuple[str, ...], Upgrade]:
        """Moves of a part from one version to the next, by part, old and new version."""
        return self._rows("upgrades", Upgrade, lambda row: (row.part, row.from_version, row.to_version))

    @cached_property
    def ami_support(self) -> Mapping[str, AmiSupport]:
        """Until when AMI families ("AL2") get new images. A family without a row: no end is known."""
        return self._rows("ami-support", AmiSupport, lambda row: row.family)

    @cached_property
    def eks_addons(self) -> Mapping[str, EksAddon]:
        """Add-ons that EKS installs ("vpc-cni")."""
        return self._rows("eks-addons", EksAddon, lambda row: row.name)

    @cached_property
    def images(self) -> Mapping[str, PublishedDigest]:
        """Published digests of images, by reference with registry and tag."""
        return self._rows("images", PublishedDigest, lambda row: row.reference)

    @cached_property
    def charts(self) -> Mapping[str, PublishedDigest]:
        """Published digests of charts, by repository and version ("oci://ghcr.io/kserve/charts/kserve-crd:v0.20.0")."""
        return self._rows("charts", PublishedDigest, lambda row: row.reference)

    @cached_property
    def architectures(self) -> Mapping[str, ModelArchitecture]:
        """Shapes of model networks ("qwen3-0.6b")."""
        return self._rows("architectures", ModelArchitecture, lambda row: row.name)

    @cached_property
    def runtimes(self) -> Mapping[str, Runtime]:
        """Serving runtimes ("vllm")."""
        return self._rows("runtimes", Runtime, lambda row: row.name, self._image_known)

    @cached_property
    def prices(self) -> Mapping[tuple[str, ...], Price]:
        """List prices, by item and region."""
        return self._rows("prices", Price, lambda row: (row.item, row.region))

    @cached_property
    def replacement_rules(self) -> Mapping[str, ReplacementRule]:
        """How objects take changes, by resource type ("aws:eks/cluster:Cluster"). A type without a row: unknown."""
        return self._rows("replacement-rules", ReplacementRule, lambda row: row.type)

    @cached_property
    def iam_actions(self) -> Mapping[str, IamActions]:
        """What it takes to manage AWS objects, by resource type."""
        return self._rows("iam-actions", IamActions, lambda row: row.type)

    @cached_property
    def iam_boundaries(self) -> Mapping[str, BoundaryPolicy]:
        """What roles that a layer makes may do at most, by policy."""
        return self._rows("iam-boundaries", BoundaryPolicy, lambda row: row.policy)

    @cached_property
    def vpc_endpoints(self) -> Mapping[str, VpcEndpointService]:
        """Services that a VPC can reach through interface endpoints ("ecr.api")."""
        return self._rows("vpc-endpoints", VpcEndpointService, lambda row: row.service)

    @cached_property
    def eks_registries(self) -> Mapping[str, EksRegistry]:
        """Where images that EKS publishes are pulled from, by region."""
        return self._rows("eks-registries", EksRegistry, lambda row: row.region)

    @cached_property
    def one_way(self) -> tuple[OneWay, ...]:
        """Changes that cannot be taken back, or that are never made, sorted by type and path."""
        return tuple(self._rows("one-way", OneWay, OneWay.key, self._type_known).values())

    @cached_property
    def writers(self) -> tuple[Writer, ...]:
        """The one-writer table, sorted by kind, owner and path."""
        rows = self._rows("writers", Writer, lambda row: (row.kind, row.made_by, row.path))
        return tuple(rows.values())

    def kserve(self, version: str) -> Mapping[str, Any]:
        """What is known of a KServe release ("0.20.0"), as its file holds it. Raises LookupError for any other."""
        file = self._file(f"{KSERVE}{version}")
        if not file.is_file():
            known = ", ".join(self._kserve_releases()) or "none"
            raise LookupError(f"KServe {version} is not in the catalogue; known: {known}")
        return _plain(file)

    def read_all(self) -> None:
        """Read every table. Raises InputError with the problems of all of them."""
        problems: list[Problem] = []
        for name, member in vars(Tables).items():
            if isinstance(member, cached_property):
                try:
                    getattr(self, name)
                except InputError as error:
                    problems += error.problems
        if problems:
            # A table that others refer to tells its problems to each of them.
            raise InputError(list(dict.fromkeys(problems)))

    def _gpu_known(self, row: InstanceType | Server | MigProfile) -> Refusal | None:
        known = row.gpu is None or row.gpu in self.gpus
        return None if known else Refusal("gpu", f"{row.gpu!r} is not a row of gpus.yaml", tuple(self.gpus))

    def _type_known(self, row: OneWay) -> Refusal | None:
        """A type of which nobody knows what replaces its objects has no changes that are told apart either."""
        known = row.type in self.replacement_rules
        return None if known else Refusal("type", f"{row.type!r} is not a row of replacement-rules.yaml")

    def _versions_known(self, row: Baseline) -> Refusal | None:
        minors = self.kubernetes_versions
        if row.kubernetes not in minors:
            what = f"{row.kubernetes!r} is not a row of kubernetes-versions.yaml"
            return Refusal("kubernetes", what, tuple(minors))
        releases = self._kserve_releases()
        what = f"nothing is known of KServe {row.kserve}"
        return None if row.kserve in releases else Refusal("kserve", what, releases)

    def _image_known(self, row: Runtime) -> Refusal | None:
        without = [baseline.name for baseline in self.baselines.values() if row.image_role not in baseline.images]
        what = f"{row.image_role!r} is not among the images of {', '.join(without)}"
        return Refusal("imageRole", what) if without else None

    def _rows(
        self, name: str, row: type[R], key: Callable[[R], K], check: Callable[[R], Refusal | None] | None = None
    ) -> Mapping[K, R]:
        shipped = read_rows(self._file(name), row, key, check=check)
        if self.overlay is None or name in CLOSED_TABLES:
            return shipped
        return lay_over(self.overlay, name, shipped, row, key, check)

    def _kserve_releases(self) -> tuple[str, ...]:
        return tuple(sorted(path.stem.removeprefix(KSERVE) for path in self.folder.glob(f"{KSERVE}*.yaml")))

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.yaml"


@functools.cache
def _plain(file: Path) -> Mapping[str, Any]:
    return read_plain(file)
