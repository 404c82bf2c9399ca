"""Everything an environment pulls → a lock, resolved as far as published sources go."""

from __future__ import annotations

from collections.abc import Mapping

from bedplate.catalog.catalog import Catalog
from bedplate.environment.facts import chart_of
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import ChartAddonSpec
from bedplate.graph.derive.expand import pod_groups
from bedplate.graph.graph import Graph
from bedplate.model.lockfile import LOCK_SCHEMA, Lock, LockedChart, LockedFile, LockedImage, LockState
from bedplate.model.types import split_image


def images_of(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Every image that pods of `graph` run, without digest, and the objects that need it, sorted."""
    needed: dict[str, set[str]] = {}
    for group in pod_groups(graph):
        for kind in ("initContainers", "containers"):
            for container in group.spec.get(kind, ()):
                reference = without_digest(str(container["image"]))
                needed.setdefault(reference, set()).add(str(group.resource.options["owner"]))
    return {reference: tuple(sorted(objects)) for reference, objects in sorted(needed.items())}


def without_digest(reference: str) -> str:
    """``registry/name:tag`` of an image reference that may carry a digest."""
    return reference.partition("@")[0]


def make_lock(
    graph: Graph, resolved: ResolvedEnvironment, catalog: Catalog, vendored: Mapping[str, LockedChart]
) -> Lock:
    """A lock for `graph`. Digests come from the catalogue's published sources; what has none stays unresolved.

    An entry that an earlier lock holds as verified is kept. `vendored` are charts expanded in this run, by name.
    """
    before = resolved.lock
    verified = {item.reference: item for item in before.images if item.state == "verified"} if before else {}
    images = tuple(
        verified[reference].model_copy(update={"needed_by": users})
        if reference in verified
        else _image(reference, users, catalog)
        for reference, users in images_of(graph).items()
    )
    return Lock(
        schema_=LOCK_SCHEMA,
        environment=resolved.name,
        images=images,
        charts=_charts(resolved, catalog, vendored),
        files=_files(resolved),
    )


def _image(reference: str, users: tuple[str, ...], catalog: Catalog) -> LockedImage:
    name = split_image(reference)
    full = f"{name.registry}/{name.repository}:{name.tag}"
    published = catalog.images.get(full)
    if published is None:
        return LockedImage(reference=reference, state="unresolved", needed_by=users)
    return LockedImage(
        reference=reference,
        digest=published.digest,
        state="published",
        source=f"{published.standing}: {published.source}",
        needed_by=users,
    )


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
        reference = chart.reference
        old = before.get(addon.name)
        if addon.name in vendored:
            charts.append(vendored[addon.name])
        elif old is not None and old.reference == reference and old.vendored:
            charts.append(old)
        else:
            published = catalog.charts.get(reference)
            state: LockState = "published" if published else "unresolved"
            digest = published.digest if published else None
            charts.append(LockedChart(name=addon.name, reference=reference, digest=digest, state=state))
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
