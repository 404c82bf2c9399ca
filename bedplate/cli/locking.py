"""The steps of `bedplate lock`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bedplate.catalog import catalog
from bedplate.cli.errors import CommandError
from bedplate.cli.pipeline import derived
from bedplate.environment.facts import chart_of
from bedplate.environment.load import load
from bedplate.environment.resolve import FOLDER, ResolvedEnvironment
from bedplate.environment.sections import ChartAddonSpec
from bedplate.lock.resolve import make_lock
from bedplate.lock.vendor import VendorError, expand, write
from bedplate.lock.write import lock_text
from bedplate.model.files import write_atomic
from bedplate.model.lockfile import Lock, LockedChart
from bedplate.model.source import did_you_mean
from bedplate.output.plan import Exit


@dataclass(frozen=True, slots=True)
class LockResult:
    """The lock as it should be, and whether the file differed from it."""

    lock: Lock
    stale: bool
    verdict: str


def update_lock(root: Path, name: str, *, check: bool, charts: Sequence[str], today: date) -> LockResult:
    """Make the lock of environment `name`; write it unless `check` is set. Charts are NAME=PATH pairs."""
    resolved = load(root, name)
    if check and charts:
        raise CommandError("--check writes nothing, so it takes no --chart", Exit.USAGE)
    vendored = _vendor(root, resolved, charts)
    lock = make_lock(derived(resolved), resolved, catalog.load(), vendored)
    if vendored:
        # Expanded charts bring pods of their own: their images are found only when the plan holds them.
        again = replace(resolved, lock=lock)
        lock = make_lock(derived(again), again, catalog.load(), vendored)
    path = root / FOLDER / f"{name}.lock.yaml"
    text = lock_text(lock).encode()
    stale = not path.is_file() or path.read_bytes() != text
    if stale and not check:
        write_atomic(path, text)
    return LockResult(lock, stale, _verdict(name, lock, stale=stale, check=check))


def _verdict(name: str, lock: Lock, *, stale: bool, check: bool) -> str:
    total = len(lock.images) + len(lock.charts) + len(lock.files)
    resolved = total - len(lock.unresolved)
    state = "out of date" if stale and check else "written" if stale else "up to date"
    return f"{name}: lock {state}, {resolved} of {total} references resolved"


def _vendor(root: Path, resolved: ResolvedEnvironment, charts: Sequence[str]) -> dict[str, LockedChart]:
    addons = {addon.name: addon for addon in resolved.environment.addons if isinstance(addon, ChartAddonSpec)}
    expanded: dict[str, LockedChart] = {}
    for text in charts:
        name, equals, path = text.partition("=")
        if not equals or name not in addons:
            hint = did_you_mean(name, addons) or f"charts of this environment: {', '.join(sorted(addons))}"
            raise CommandError(f"--chart {text!r} is not NAME=PATH of one of its charts ({hint})", Exit.USAGE)
        if not Path(path).exists():
            raise CommandError(f"--chart {name}: there is no file or folder {path!r}", Exit.USAGE)
        try:
            result = expand(addons[name], Path(path), kubernetes=resolved.baseline.kubernetes)
        except VendorError as error:
            raise CommandError(str(error)) from error
        chart = chart_of(addons[name], resolved.baseline)
        assert chart is not None  # cross-checked
        expanded[name] = write(root, name, chart, result)
    return expanded
