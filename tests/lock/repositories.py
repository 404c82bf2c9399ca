"""A platform repository in which the chart of an add-on is vendored, without helm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bedplate.catalog import catalog
from bedplate.environment.facts import chart_of, expansion
from bedplate.environment.sections import ChartAddonSpec
from bedplate.environment.targets import FOLDER
from bedplate.lock.resolve import make_lock
from bedplate.lock.vendor import Expanded, write
from bedplate.lock.write import lock_text
from bedplate.model.lockfile import LockedChart
from tests.support.environments import dev, dev_review, repository

LOCK = f"{FOLDER}/dev.lock.yaml"
CHART = "kserve-crd"
DIGEST = "sha256:" + "a" * 64

OBJECTS: Sequence[Mapping[str, Any]] = (
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": "kserve"}, "data": {"a": "b"}},
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "two", "namespace": "kserve"}},
)


def addon(name: str = CHART) -> ChartAddonSpec:
    """An add-on of `dev` that is a chart."""
    found = next(item for item in dev().environment.addons if item.name == name)
    assert isinstance(found, ChartAddonSpec)
    return found


def vendored_repository(folder: Path, objects: Sequence[Mapping[str, Any]] = OBJECTS) -> tuple[Path, LockedChart]:
    """The repository below `folder`, in which `CHART` is expanded to `objects`, and the entry of its lock."""
    root = repository(folder)
    chart = chart_of(addon(), dev().baseline)
    assert chart is not None
    expanded = Expanded(DIGEST, expansion(addon(), dev().baseline.kubernetes), tuple(objects))
    entry = write(root, CHART, chart, expanded)
    lock = make_lock(dev_review().graph, dev(), catalog.load(), {CHART: entry})
    (root / LOCK).write_text(lock_text(lock), encoding="utf-8")
    return root, entry


def line_of(file: Path, text: str) -> int:
    """The number of the only line of `file` that contains `text`."""
    (number,) = [n for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1) if text in line]
    return number
