"""What differs between two locks, for people."""

from __future__ import annotations

from collections.abc import Mapping

from bedplate.graph.values import Json
from bedplate.model.lockfile import Lock


def changes(old: Lock | None, new: Lock) -> tuple[str, ...]:
    """One line an entry that is new, gone or changed, with what changed; sorted."""
    before, after = _entries(old), _entries(new)
    lines = [f"new      {name}" for name in after.keys() - before.keys()]
    lines += [f"gone     {name}" for name in before.keys() - after.keys()]
    for name in before.keys() & after.keys():
        keys = [key for key in after[name] if before[name][key] != after[name][key]]
        lines += [f"changed  {name}: {', '.join(keys)}"] if keys else []
    return tuple(sorted(lines))


def _entries(lock: Lock | None) -> Mapping[str, dict[str, Json]]:
    if lock is None:
        return {}
    entries = {f"image {image.reference}": image.model_dump(mode="json") for image in lock.images}
    entries |= {f"chart {chart.name}": chart.model_dump(mode="json") for chart in lock.charts}
    return entries | {f"file {file.release}/{file.path}": file.model_dump(mode="json") for file in lock.files}
