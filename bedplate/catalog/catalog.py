"""The catalogue: its tables, with what people ask of them, shipped and for a platform repository."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bedplate.catalog.fields import Architecture
from bedplate.catalog.hardware import AmiFamily, AmiType, DriverBranch
from bedplate.catalog.mig import MigProfile
from bedplate.catalog.overlay import FOLDER, check_tables
from bedplate.catalog.rows import Price
from bedplate.catalog.support import Support
from bedplate.catalog.tables import CLOSED_TABLES, DATA, KSERVE, Tables
from bedplate.catalog.versions import Upgrade
from bedplate.units.version import version_key


@dataclass(frozen=True)
class Catalog(Tables):
    """The tables, and look-ups of several rows at once."""

    def mig_profiles_of(self, gpu: str) -> dict[str, MigProfile]:
        """Those of one GPU, by profile; empty where it has no MIG."""
        return {row.profile: row for row in self.mig_profiles.values() if row.gpu == gpu}

    def driver_branch(self, driver: str) -> DriverBranch | None:
        """The branch of a driver release or branch ("580.159.03"); None where it has no row."""
        return self.driver_branches.get(driver.partition(".")[0])

    def newest_cuda(self, driver: str) -> str | None:
        """Newest CUDA minor whose own driver is of `driver`'s branch or an older one, so that its programs run as they
        are; None where no source tells of any.
        """
        branch = int(driver.partition(".")[0])
        known = [row.version for row in self.cuda_releases.values() if row.driver and int(row.driver[:3]) <= branch]
        return max(known, key=version_key, default=None)

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

    def support(self, kubernetes: str, on: date) -> Support:
        """How long EKS supports a Kubernetes minor, seen from `on`; unknown where it has no row."""
        row = self.kubernetes_versions.get(kubernetes)
        return row.support(on) if row else Support("unknown")

    def upgrade(self, part: str, old: str, new: str) -> Upgrade | None:
        """What it takes to move `part` from `old` to `new`; None where nobody stated it, which blocks the move."""
        return self.upgrades.get((part, old, new))

    def price(self, item: str, region: str) -> Price | None:
        """Price of `item` in `region`; None where it is not known, which is not the same as free."""
        return self.prices.get((item, region))


@functools.cache
def load() -> Catalog:
    """The catalogue that Bedplate ships."""
    return Catalog()


def load_for(root: Path) -> Catalog:
    """The shipped catalogue with the rows of the platform repository at `root` laid over it; read once per root.

    Raises InputError with every wrong file and row of it.
    """
    return _load_for(root.resolve())


@functools.cache
def _load_for(root: Path) -> Catalog:
    tables = {file.stem for file in DATA.glob("*.yaml") if not file.stem.startswith(KSERVE)}
    check_tables(root, tables - CLOSED_TABLES, CLOSED_TABLES)
    if not (root / FOLDER).is_dir():
        return load()
    catalog = Catalog(overlay=root)
    catalog.read_all()
    return catalog
