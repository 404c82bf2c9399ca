"""Everything an environment pulls → a lock, resolved as far as published sources go."""

from __future__ import annotations

from collections.abc import Mapping

from bedplate.catalog.catalog import Catalog
from bedplate.environment.facts import chart_of, expansion
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import ChartAddonSpec
from bedplate.graph.graph import Graph
from bedplate.graph.images import ImageUse, image_uses, images_of
from bedplate.model.lockfile import LOCK_SCHEMA, Lock, LockedChart, LockedFile, LockedImage, LockState
from bedplate.model.types import split_image

__all__ = ["images_of", "make_lock"]

# What `source` says of a digest that a manifest (a chart's, as a rule) names by itself.
IN_MANIFEST = "named by the manifest that uses it"


def make_lock(
    graph: Graph, resolved: ResolvedEnvironment, catalog: Catalog, vendored: Mapping[str, LockedChart]
) -> Lock:
    """A lock for `graph`. Digests come from the catalogue's published sources; what has none stays unresolved.

    An entry that an earlier lock holds as verified is kept. `vendored` are charts expanded in this run, by name.
    """
    before = resolved.lock
    verified = {item.reference: item for item in before.images if item.state == "verified"} if before else {}
    ours = frozenset(resolved.baseline.images.values())
    images = tuple(
        verified[use.reference].model_copy(update={"needed_by": use.needed_by})
        if use.reference in verified
        # The digest of an image of ours is one that an earlier lock wrote: it proves nothing.
        else _image(use, catalog, named=() if use.reference in ours else use.digests)
        for use in image_uses(graph)
    )
    return Lock(
        schema_=LOCK_SCHEMA,
        environment=resolved.name,
        images=images,
        charts=_charts(resolved, catalog, vendored),
        files=_files(resolved),
    )


def _image(use: ImageUse, catalog: Catalog, *, named: tuple[str, ...]) -> LockedImage:
    published = catalog.images.get(_full_name(use.reference))
    if published is not None:
        digest, source = published.digest, f"{published.standing}: {published.source}"
    elif len(named) == 1:
        digest, source = named[0], IN_MANIFEST
    else:
        return LockedImage(reference=use.reference, state="unresolved", needed_by=use.needed_by)
    return LockedImage(
        reference=use.reference, digest=digest, state="published", source=source, needed_by=use.needed_by
    )


def _full_name(reference: str) -> str:
    """`reference` with registry and folder written out; a text that is no reference stays as it is."""
    try:
        return str(split_image(reference))
    except ValueError:
        return reference


def _charts(
    resolved: ResolvedEnvironment, catalog: Catalog, vendored: Mapping[str, LockedChart]
) -> tuple[LockedChart, ...]:
    before = {chart.name: chart for chart in resolved.lock.charts} if resolved.lock else {}
    charts: list[LockedChart] = []
    for addon in resolved.environment.addons:
        if not isinstance(addon, ChartAddonSpec):
            continue
        chart = chart_of(addon, resolved.baseline)
        assert chart is not None  # cross-checked
        old = before.get(addon.name)
        wanted = (chart.reference, expansion(addon, resolved.baseline.kubernetes))
        if addon.name in vendored:
            charts.append(vendored[addon.name])
        elif old is not None and old.vendored and (old.reference, old.expansion) == wanted:
            charts.append(old)
        else:
            published = catalog.charts.get(chart.reference)
            state: LockState = "published" if published else "unresolved"
            digest = published.digest if published else None
            charts.append(LockedChart(name=addon.name, reference=chart.reference, digest=digest, state=state))
    return tuple(sorted(charts, key=lambda chart: chart.name))


def _files(resolved: ResolvedEnvironment) -> tuple[LockedFile, ...]:
    files = [
        LockedFile(
            release=reference,
            path=file.path,
            bytes=file.bytes,
            digest=file.digest,
            state="published" if file.digest else "unresolved",
        )
        for reference, release in resolved.releases.items()
        for file in release.release.source.files
    ]
    return tuple(sorted(files, key=lambda item: (item.release, item.path)))
