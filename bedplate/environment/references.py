"""What an environment needs that its lock does not (or no longer) resolve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bedplate.environment.facts import chart_of, expansion
from bedplate.environment.registry import upstream
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import ChartAddonSpec
from bedplate.model.lockfile import Lock
from bedplate.units.image import split_image


def open_references(resolved: ResolvedEnvironment, lock: Lock, images: Iterable[str]) -> tuple[str, ...]:
    """References without a digest in `lock`, and those that `lock` does not know as they are now; sorted.

    `images` are all that pods run, without digest. A lock is written once and the environment goes on: what was added
    or changed since is as open as what never had a digest.
    """
    known = {str(split_image(image.reference)) for image in lock.images}
    pulled = (upstream(image, resolved.registry) for image in images)
    missing = [f"{image} (not in the lock)" for image in pulled if str(split_image(image)) not in known]
    return tuple(sorted({*lock.unresolved, *missing, *_charts(resolved, lock), *_files(resolved, lock)}))


def not_vendored(resolved: ResolvedEnvironment) -> tuple[str, ...]:
    """Charts whose objects nobody has expanded yet: no plan and no folder of manifests holds them; sorted."""
    vendored = {chart.name for chart in resolved.vendored}
    charts = (addon.name for addon in resolved.environment.addons if addon.source == "chart")
    return tuple(sorted(name for name in charts if name not in vendored))


def _charts(resolved: ResolvedEnvironment, lock: Lock) -> Iterator[str]:
    locked = {chart.name: chart for chart in lock.charts}
    for addon in resolved.environment.addons:
        chart = chart_of(addon, resolved.baseline) if isinstance(addon, ChartAddonSpec) else None
        if chart is None or not isinstance(addon, ChartAddonSpec):
            continue
        entry = locked.get(addon.name)
        if entry is None or entry.reference != chart.reference:
            yield f"{chart.reference} (not in the lock)"
        elif entry.vendored and entry.expansion != expansion(addon, resolved.baseline.kubernetes):
            yield f"{chart.reference} (expanded with another namespace, other values or for another Kubernetes)"


def _files(resolved: ResolvedEnvironment, lock: Lock) -> Iterator[str]:
    locked = {(file.release, file.path): (file.bytes, file.digest) for file in lock.files}
    for reference, release in resolved.releases.items():
        for file in release.release.source.files:
            if locked.get((reference, file.path)) != (file.bytes, file.digest):
                yield f"{reference}/{file.path} (not in the lock)"
