"""The steps of `bedplate lock`: expand charts, render what the environment then runs, resolve, write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bedplate.catalog.catalog import Catalog
from bedplate.cli.errors import CommandError
from bedplate.cli.options import talk
from bedplate.cli.pipeline import derived
from bedplate.environment.facts import Chart, chart_of
from bedplate.environment.load import load
from bedplate.environment.lock_file import LockFile, read_lock
from bedplate.environment.resolve import ResolvedEnvironment, lock_path
from bedplate.environment.sections import ChartAddonSpec
from bedplate.environment.targets import targets_of
from bedplate.environment.vendored import Vendored, read_vendored
from bedplate.lock.changes import changes
from bedplate.lock.helm import VendorError
from bedplate.lock.resolve import make_lock, still_fits
from bedplate.lock.vendor import expand, save, vendored_file
from bedplate.lock.write import lock_text
from bedplate.model.files import write_atomic
from bedplate.model.lockfile import Lock, LockedChart
from bedplate.model.source import InputError, did_you_mean
from bedplate.output.plan import Exit


@dataclass(frozen=True, slots=True)
class LockResult:
    """The lock as it should be, whether the file differed from it, and in which entries."""

    lock: Lock
    stale: bool
    changes: tuple[str, ...]
    verdict: str


@dataclass(slots=True)
class _Expanded:
    """Charts that this run expanded, by name: their objects, and the files that are still to be written."""

    objects: dict[str, Vendored] = field(default_factory=dict)
    entries: dict[str, LockedChart] = field(default_factory=dict)
    files: list[tuple[LockedChart, bytes]] = field(default_factory=list)


def update_lock(root: Path, name: str, *, check: bool, charts: Sequence[str]) -> LockResult:
    """Make the lock of environment `name`; write it unless `check` is set. Charts are NAME=PATH pairs.

    Everything is made before the first byte is written, and the lock is written last.
    """
    if check and charts:
        raise CommandError("--check writes nothing, so it takes no --chart", Exit.USAGE)
    # Sites run one definition, and a lock names what publishers call things: any site shows it, without its mirror.
    resolved = load(root, targets_of(root, name)[0], with_lock=False).without_mirror()
    name = resolved.name
    file = _old_lock(root, name, must_be_whole=check)
    expanded = _expand(resolved, charts)
    vendored = tuple(_vendored(root, resolved, file, expanded.objects))
    old = file.lock if file else None
    resolved = replace(resolved, lock=old, vendored=vendored)
    lock = make_lock(derived(resolved), resolved, resolved.catalog, expanded.entries)
    path = root / lock_path(name)
    text = lock_text(lock).encode()
    stale = not path.is_file() or path.read_bytes() != text
    if not check:
        # Files first, also where the lock stays the same: one of them may have been damaged.
        _write(root, expanded.files, path, text if stale else None)
    verdict = _verdict(name, lock, stale=stale, check=check)
    return LockResult(lock, stale, changes(old, lock), verdict)


def _old_lock(root: Path, name: str, *, must_be_whole: bool) -> LockFile | None:
    """The lock so far. One that cannot be read is told, and written anew."""
    try:
        return read_lock(root, lock_path(name), name)
    except InputError as error:
        if must_be_whole:
            raise
        talk(f"warning: the lock cannot be read; it is written anew, without what it knew\n{error}")
        return None


def _expand(resolved: ResolvedEnvironment, charts: Sequence[str]) -> _Expanded:
    addons = {addon.name: addon for addon in resolved.environment.addons if isinstance(addon, ChartAddonSpec)}
    made = _Expanded()
    for name, path in tuple(_paths(charts, addons)):
        chart = chart_of(addons[name], resolved.baseline)
        assert chart is not None  # cross-checked
        try:
            expanded = expand(addons[name], chart, path, kubernetes=resolved.baseline.kubernetes)
        except VendorError as error:
            raise CommandError(str(error)) from error
        _check_published(name, chart, path, expanded.digest, resolved.catalog)
        entry, data = vendored_file(name, chart, expanded)
        made.objects[name] = Vendored(name, expanded.objects)
        made.entries[name] = entry
        made.files.append((entry, data))
    return made


def _check_published(name: str, chart: Chart, path: Path, digest: str, catalog: Catalog) -> None:
    """An archive of an https repository has the published digest. For oci, published digests are of manifests."""
    published = catalog.charts.get(chart.reference)
    comparable = path.is_file() and chart.repository.startswith("https://")
    if comparable and published is not None and digest != published.digest:
        theirs = f"{chart.reference} was published with {published.digest}"
        message = f"--chart {name}: {path} has {digest}, but {theirs}; get the archive from there again"
        raise CommandError(message, Exit.INTEGRITY)


def _paths(charts: Sequence[str], addons: Mapping[str, ChartAddonSpec]) -> Iterator[tuple[str, Path]]:
    """Each NAME=PATH pair, checked."""
    seen: set[str] = set()
    for text in charts:
        name, equals, path = text.partition("=")
        if not equals or not path:
            raise CommandError(f"--chart {text!r} is not NAME=PATH", Exit.USAGE)
        if name not in addons:
            hint = did_you_mean(name, addons) or f"charts of this environment: {', '.join(sorted(addons)) or 'none'}"
            raise CommandError(f"--chart {name}: no chart of the environment has that name ({hint})", Exit.USAGE)
        if name in seen:
            raise CommandError(f"--chart {name} is given twice", Exit.USAGE)
        if not Path(path).exists():
            raise CommandError(f"--chart {name}: there is no file or folder {path!r}", Exit.USAGE)
        seen.add(name)
        yield name, Path(path)


def _vendored(
    root: Path, resolved: ResolvedEnvironment, file: LockFile | None, made: Mapping[str, Vendored]
) -> Iterator[Vendored]:
    """Objects of every vendored chart, in the order of the add-ons: expanded just now, else those that still fit."""
    entries = {entry.name: entry for entry in file.lock.charts} if file else {}
    for addon in resolved.environment.addons:
        if addon.name in made:
            yield made[addon.name]
        elif isinstance(addon, ChartAddonSpec) and file is not None and addon.name in entries:
            fits = still_fits(entries[addon.name], addon, resolved)
            found = read_vendored(root, resolved.name, file, addon.name) if fits else None
            if found is not None:
                yield found


def _write(root: Path, files: Sequence[tuple[LockedChart, bytes]], path: Path, text: bytes | None) -> None:
    try:
        for entry, data in files:
            save(root, entry, data)
        if text is not None:
            write_atomic(path, text)
    except OSError as error:
        message = f"{error.filename or path} cannot be written: {error.strerror}; the lock is as it was"
        raise CommandError(message) from error


def _verdict(name: str, lock: Lock, *, stale: bool, check: bool) -> str:
    total = len(lock.images) + len(lock.charts) + len(lock.files)
    resolved = total - len(lock.unresolved)
    state = "out of date" if stale and check else "written" if stale else "up to date"
    return f"{name}: lock {state}, {resolved} of {total} references resolved"
