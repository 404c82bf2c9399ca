"""Rings of a fleet: an environment is upgraded when those of lower rings have arrived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedplate.catalog.catalog import Catalog
from bedplate.environment.environment import Environment
from bedplate.upgrade.standing import REASON, Standing


def waits_for(standing: Standing, others: Sequence[Environment]) -> Iterator[str]:
    """Why no step may be taken yet: environments of lower rings that have not the target, or are on their way to it.

    `others` are the other environments of the repository.
    """
    own = standing.resolved.environment.fleet
    if own is None:
        return
    for other in sorted(others, key=lambda each: each.name):
        if other.fleet is None or other.fleet.name != own.name or other.fleet.ring >= own.ring:
            continue
        place = f"{other.name}, ring {other.fleet.ring} of fleet {own.name},"
        if not _arrived(other, standing.catalog, standing):
            yield f"{place} has baseline {other.baseline}: upgrade it to {standing.target.name} first"
        elif any(item.reason.startswith(REASON) for item in other.baseline_overrides):
            yield f"{place} is in the middle of an upgrade: finish it first"


def _arrived(other: Environment, catalog: Catalog, standing: Standing) -> bool:
    row = catalog.baselines.get(other.baseline)
    return row is not None and row.released >= standing.target.released
