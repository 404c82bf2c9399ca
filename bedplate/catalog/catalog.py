"""The catalogue: what is known of clouds, hardware, versions, models and prices, as data with source and date.

Facts are rows of the files below data/; a new instance type, model shape or price is a row, not code. A file is read
when it is first asked for.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from bedplate.catalog.fields import Architecture
from bedplate.catalog.hardware import AmiFamily
from bedplate.catalog.iam_rows import BoundaryPolicy, IamActions
from bedplate.catalog.mig import MigProfile
from bedplate.catalog.read import read_plain, read_rows
from bedplate.catalog.rows import (
    AmiType,
    Baseline,
    Gpu,
    InstanceType,
    KubernetesVersion,
    ModelArchitecture,
    Price,
    PublishedDigest,
    ReplacementRule,
    Runtime,
    Upgrade,
    Writer,
)
from bedplate.catalog.versions import AmiSupport, Support

DATA = Path(__file__).with_name("data")

_KSERVE = "kserve-"


@dataclass(frozen=True)
class Catalog:
    """The tables, each a read-only mapping by the name of its rows, sorted.

    A table raises InputError, with file and line, when its file is wrong.
    """

    folder: Path = DATA

    @cached_property
    def kubernetes_versions(self) -> Mapping[str, KubernetesVersion]:
        """Minors that EKS offers ("1.35")."""
        return read_rows(self._file("kubernetes-versions"), KubernetesVersion, lambda row: row.version)

    @cached_property
    def gpus(self) -> Mapping[str, Gpu]:
        """GPUs by short name ("L4")."""
        return read_rows(self._file("gpus"), Gpu, lambda row: row.name)

    @cached_property
    def mig_profiles(self) -> Mapping[tuple[str, ...], MigProfile]:
        """Kinds of instances that a GPU can be split into, by GPU and profile."""
        return read_rows(self._file("mig-profiles"), MigProfile, lambda row: (row.gpu, row.profile))

    def mig_profiles_of(self, gpu: str) -> dict[str, MigProfile]:
        """Those of one GPU, by profile; empty where it has no MIG."""
        return {row.profile: row for row in self.mig_profiles.values() if row.gpu == gpu}

    @cached_property
    def instance_types(self) -> Mapping[str, InstanceType]:
        """EC2 instance types ("g6.2xlarge")."""
        return read_rows(self._file("instance-types"), InstanceType, lambda row: row.name)

    @cached_property
    def ami_types(self) -> Mapping[str, AmiType]:
        """AMI types of managed node groups ("AL2023_x86_64_NVIDIA")."""
        return read_rows(self._file("ami-types"), AmiType, lambda row: row.name)

    def ami_type_for(
        self, architecture: Architecture, *, gpu: bool, family: AmiFamily = "AL2023", fips: bool = False
    ) -> AmiType | None:
        """The AMI type of `family` for nodes with or without NVIDIA GPUs; None where EKS has no such AMI.

        With `fips` it is the one whose cryptography is FIPS 140 validated: Amazon Linux has none.
        """
        wanted = (architecture, "nvidia" if gpu else None, family, fips)
        for row in self.ami_types.values():
            if (row.architecture, row.accelerator, row.family, row.fips) == wanted:
                return row
        return None

    @cached_property
    def baselines(self) -> Mapping[str, Baseline]:
        """Sets of versions ("2026.11")."""
        return read_rows(self._file("baselines"), Baseline, lambda row: row.name)

    @cached_property
    def upgrades(self) -> Mapping[tuple[str, ...], Upgrade]:
        """Moves of a part from one version to the next, by part, old and new version."""
        return read_rows(self._file("upgrades"), Upgrade, lambda row: (row.part, row.from_version, row.to_version))

    @cached_property
    def ami_support(self) -> Mapping[str, AmiSupport]:
        """Until when AMI families ("AL2") get new images. A family without a row: no end is known."""
        return read_rows(self._file("ami-support"), AmiSupport, lambda row: row.family)

    def support(self, kubernetes: str, on: date) -> Support:
        """How long EKS supports a Kubernetes minor, seen from `on`; unknown where it has no row."""
        row = self.kubernetes_versions.get(kubernetes)
        return row.support(on) if row else Support("unknown")

    def upgrade(self, part: str, old: str, new: str) -> Upgrade | None:
        """What it takes to move `part` from `old` to `new`; None where nobody stated it, which blocks the move."""
        return self.upgrades.get((part, old, new))

    @cached_property
    def images(self) -> Mapping[str, PublishedDigest]:
        """Published digests of images, by reference with registry and tag."""
        return read_rows(self._file("images"), PublishedDigest, lambda row: row.reference)

    @cached_property
    def charts(self) -> Mapping[str, PublishedDigest]:
        """Published digests of charts, by repository and version ("oci://ghcr.io/kserve/charts/kserve-crd:v0.20.0")."""
        return read_rows(self._file("charts"), PublishedDigest, lambda row: row.reference)

    @cached_property
    def architectures(self) -> Mapping[str, ModelArchitecture]:
        """Shapes of model networks ("qwen3-0.6b")."""
        return read_rows(self._file("architectures"), ModelArchitecture, lambda row: row.name)

    @cached_property
    def runtimes(self) -> Mapping[str, Runtime]:
        """Serving runtimes ("vllm")."""
        return read_rows(self._file("runtimes"), Runtime, lambda row: row.name)

    @cached_property
    def prices(self) -> Mapping[tuple[str, ...], Price]:
        """List prices, by item and region."""
        return read_rows(self._file("prices"), Price, lambda row: (row.item, row.region))

    def price(self, item: str, region: str) -> Price | None:
        """Price of `item` in `region`; None where it is not known, which is not the same as free."""
        return self.prices.get((item, region))

    @cached_property
    def replacement_rules(self) -> Mapping[str, ReplacementRule]:
        """How objects take changes, by resource type ("aws:eks/cluster:Cluster"). A type without a row: unknown."""
        return read_rows(self._file("replacement-rules"), ReplacementRule, lambda row: row.type)

    @cached_property
    def iam_actions(self) -> Mapping[str, IamActions]:
        """What it takes to manage AWS objects, by resource type."""
        return read_rows(self._file("iam-actions"), IamActions, lambda row: row.type)

    @cached_property
    def iam_boundaries(self) -> Mapping[str, BoundaryPolicy]:
        """What roles that a layer makes may do at most, by policy."""
        return read_rows(self._file("iam-boundaries"), BoundaryPolicy, lambda row: row.policy)

    @cached_property
    def writers(self) -> tuple[Writer, ...]:
        """The one-writer table, sorted by kind, owner and path."""
        rows = read_rows(self._file("writers"), Writer, lambda row: (row.kind, row.made_by, row.path))
        return tuple(rows.values())

    def kserve(self, version: str) -> Mapping[str, Any]:
        """What is known of a KServe release ("0.20.0"), as its file holds it. Raises LookupError for any other."""
        file = self._file(f"{_KSERVE}{version}")
        if not file.is_file():
            known = sorted(path.stem.removeprefix(_KSERVE) for path in self.folder.glob(f"{_KSERVE}*.yaml"))
            raise LookupError(f"KServe {version} is not in the catalogue; known: {', '.join(known) or 'none'}")
        return _plain(file)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.yaml"


@functools.cache
def load() -> Catalog:
    """The catalogue that Bedplate ships."""
    return Catalog()


@functools.cache
def _plain(file: Path) -> Mapping[str, Any]:
    return read_plain(file)
