"""Where the files stand between two baselines: what belongs to the upgrade, what the environment wants for itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.parts import overridden, override_problem
from bedplate.catalog.versions import Baseline
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import BaselineOverrideSpec
from bedplate.environment.targets import FOLDER
from bedplate.model.source import InputError, Problem
from bedplate.units.version import version_key
from bedplate.upgrade.used import used_parts

# How overrides that an upgrade writes begin, so that it knows them again and takes them away at its end.
REASON = "upgrade to "
_BACK = "to take back steps of an upgrade, revert its commits, the last one first"


@dataclass(frozen=True)
class Standing:
    """An environment on its way to the baseline `target`."""

    resolved: ResolvedEnvironment
    catalog: Catalog
    target: Baseline

    @property
    def file(self) -> str:
        """The one file that an upgrade edits: fragments belong to other environments too."""
        return f"{FOLDER}/{self.resolved.environment.name}.yaml"

    @property
    def reason(self) -> str:
        """The reason that the upgrade's overrides give."""
        return f"{REASON}{self.target.name}"

    @property
    def present(self) -> Baseline:
        """The versions that the files name now."""
        return self.resolved.baseline

    @cached_property
    def written(self) -> Baseline:
        """The baseline that the environment names, without overrides."""
        return self.catalog.baselines[self.resolved.environment.baseline]

    @cached_property
    def own(self) -> tuple[BaselineOverrideSpec, ...]:
        """Overrides that are the environment's own and still differ from what the target has: they stay."""
        parts = self.catalog.baseline_parts
        return tuple(
            item
            for item in self.resolved.environment.baseline_overrides
            if not item.reason.startswith(REASON)
            and override_problem(self.target, item.part, item.value, parts) is None
        )

    @cached_property
    def goal(self) -> Baseline:
        """The target with the environment's own overrides: what the files name at the end."""
        values = {item.part: item.value for item in self.own}
        return overridden(self.target, values, self.catalog.baseline_parts, self.catalog.baselines)

    @cached_property
    def used(self) -> frozenset[str]:
        """Parts of which something runs here."""
        return used_parts(self.resolved, self.catalog)

    def moving(self) -> Iterator[str]:
        """Parts whose version, images or charts differ between now and the end, in the order of a baseline."""
        old, new = self.present.parts(), self.goal.parts()
        for part in old:
            row = self.catalog.baseline_parts[part]
            images = any(self.present.images[role] != self.goal.images[role] for role in row.images)
            charts = any(self.present.charts[name] != self.goal.charts[name] for name in row.charts)
            if old[part] != new[part] or images or charts:
                yield part


def standing(resolved: ResolvedEnvironment, catalog: Catalog, to: str | None) -> Standing:
    """Where `resolved` stands on its way to baseline `to`; None is the newest one.

    Raises InputError where there is no such baseline, where it is older than the environment's, or where the files name
    a newer Kubernetes than it has (an upgrade that is half-way to another one).
    """
    newest = max(catalog.baselines.values(), key=lambda row: row.released)
    target = catalog.baselines.get(to) if to else newest
    if target is None:
        known = tuple(sorted(catalog.baselines))
        raise InputError([Problem(None, "", f"{to!r} is not a baseline of the catalogue", known)])
    found = Standing(resolved, catalog, target)
    if target.released < found.written.released:
        message = f"{resolved.name} has baseline {found.written.name}, which is newer than {target.name}"
        raise InputError([Problem(None, "", message, hint=_BACK)])
    if version_key(found.present.kubernetes) > version_key(found.goal.kubernetes):
        message = (
            f"{resolved.name} names Kubernetes {found.present.kubernetes} by an override, and {target.name} has "
            f"{found.goal.kubernetes}: no upgrade takes a control plane back"
        )
        raise InputError([Problem(None, "", message, hint=_BACK)])
    return found
