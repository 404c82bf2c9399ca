"""Everything an environment pulls → a lock, resolved as far as published sources go."""

from __future__ import annotations

from collections.abc import Mapping

from bedplate.catalog.catalog import Catalog
from bedplate.environment.driver import driver_reference, operator_pools
from bedplate.environment.facts import chart_of, expansion
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import ChartAddonSpec
from bedplate.graph.graph import Graph
from bedplate.graph.images import ImageUse, image_uses
from bedplate.model.lockfile import LOCK_SCHEMA, Lock, LockedChart, LockedFile, LockedImage, LockState
from bedplate.units.image import split_image

# What `source` says of a digest that a manifest (a chart's, as a rule) names by itself.
IN_MANIFEST = "named by the manifest that uses it"


def make_lock(
    graph: Graph, resolved: ResolvedEnvironment, catalog: Catalog, vendored: Mapping[str, LockedChart]
) -> Lock:
    """A lock for `graph`. Digests come from the catalogue's published sources; what has none stays unresolved.

    What an earlier lock holds as verified is kept. `vendored` are charts expanded in this run, by name; those of the
    earlier lock are kept while chart, namespace, values and Kubernetes version are the same.
    """
    return Lock(
        schema_=LOCK_SCHEMA,
        environment=resolved.name,
        images=_images(graph, resolved, catalog),
        charts=_charts(resolved, catalog, vendored),
        files=_files(resolved),
    )


def _images(graph: Graph, resolved: ResolvedEnvironment, catalog: Catalog) -> tuple[LockedImage, ...]:
    before = resolved.lock.images if resolved.lock else ()
    verified = {item.reference: item for item in before if item.state == "verified"}
    drivers = (driver_reference(pool, resolved) for pool in operator_pools(resolved.environment))
    ours = frozenset([*resolved.baseline.images.values(), *drivers])
    return tuple(
        verified[use.reference].model_copy(update={"needed_by": use.needed_by})
        if use.reference in verified
        # The digest of an image of ours is one that an earlier lock wrote: it proves nothing.
        else _image(use, catalog, named=() if use.reference in ours else use.digests)
        for use in image_uses(graph)
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
    addons = [addon for addon in resolved.environment.addons if isinstance(addon, ChartAddonSpec)]
    charts = []
    for addon in sorted(addons, key=lambda addon: addon.name):
        chart = chart_of(addon, resolved.baseline)
        assert chart is not None  # cross-checked
        old = before.get(addon.name)
        same = old if old is not None and old.reference == chart.reference else None
        kept = same if same is not None and still_fits(same, addon, resolved) else None
        entry = vendored.get(addon.name) or kept
        entry = entry or LockedChart(name=addon.name, reference=chart.reference, state="unresolved")
        charts.append(_chart(entry, same, catalog))
    return tuple(charts)


def still_fits(entry: LockedChart, addon: ChartAddonSpec, resolved: ResolvedEnvironment) -> bool:
    """Whether `entry` is vendored, and was expanded from what `addon` asks for now."""
    chart = chart_of(addon, resolved.baseline)
    wanted = (chart.reference if chart else None, expansion(addon, resolved.baseline.kubernetes))
    return entry.vendored is not None and (entry.reference, entry.expansion) == wanted


def _chart(entry: LockedChart, old: LockedChart | None, catalog: Catalog) -> LockedChart:
    """`entry` with what is known of its reference: verified by an earlier lock, published, or nothing."""
    if old is not None and old.state == "verified":
        known = {"digest": old.digest, "state": old.state}
    elif published := catalog.charts.get(entry.reference):
        known = {"digest": published.digest, "state": "published"}
    else:
        known = {"digest": None, "state": "unresolved"}
    return entry.model_copy(update=known)


def _files(resolved: ResolvedEnvironment) -> tuple[LockedFile, ...]:
    before = resolved.lock.files if resolved.lock else ()
    verified = {(item.release, item.path): item for item in before if item.state == "verified"}
    files = []
    for reference, release in resolved.releases.items():
        for file in release.release.source.files:
            old = verified.get((reference, file.path))
            if old is not None and old.bytes == file.bytes and file.digest in (None, old.digest):
                files.append(old)
                continue
            state: LockState = "published" if file.digest else "unresolved"
            files.append(
                LockedFile(release=reference, path=file.path, bytes=file.bytes, digest=file.digest, state=state)
            )
    return tuple(sorted(files, key=lambda item: (item.release, item.path)))
