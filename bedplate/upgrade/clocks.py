"""How long what an environment runs is supported: the control plane, lagging nodes, their images, their driver."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bedplate.catalog.catalog import Catalog
from bedplate.environment.facts import pool_image
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.upgrade.steps import Clock
from bedplate.upgrade.used import versioned_pools


def clocks(resolved: ResolvedEnvironment, catalog: Catalog, today: date) -> tuple[Clock, ...]:
    """One for each version that runs, seen from `today`."""
    return tuple(_clocks(resolved, catalog, today))


def _clocks(resolved: ResolvedEnvironment, catalog: Catalog, today: date) -> Iterator[Clock]:
    images = [(facts, pool_image(facts, resolved.baseline, catalog)) for facts in versioned_pools(resolved, catalog)]
    for version in sorted({resolved.baseline.kubernetes, *(image.kubernetes for _, image in images)}):
        yield Clock(f"Kubernetes {version}", catalog.support(version, today))
    types = {image.ami_type for _, image in images} & catalog.ami_types.keys()
    families = {catalog.ami_types[name].family for name in types}
    for family in sorted(families & catalog.ami_support.keys()):
        yield Clock(f"images of {family}", catalog.ami_support[family].support(today))
    drivers = {
        catalog.ami_types[image.ami_type].driver(image.kubernetes)
        for facts, image in images
        if facts.gpu is not None and image.ami_type in types
    }
    for branch in sorted({driver.partition(".")[0] for driver in drivers if driver}):
        row = catalog.driver_branch(branch)
        if row is not None:
            yield Clock(f"NVIDIA driver {branch}", row.support(today))
