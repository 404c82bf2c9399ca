"""A platform repository whose environment `dev` gives every leaf of the schema a value, with a lock that fits it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from bedplate.catalog import catalog
from bedplate.cli.pipeline import derived
from bedplate.environment.facts import chart_of, expansion
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import ChartAddonSpec
from bedplate.environment.targets import FOLDER
from bedplate.graph.graph import Graph
from bedplate.lock.resolve import make_lock
from bedplate.lock.vendor import Expanded
from bedplate.lock.vendor import write as write_vendored
from bedplate.lock.write import lock_text
from bedplate.model.lockfile import Lock, LockedChart
from tests.support.environments import PLATFORM, ROOT, repository, whole, write

OVERLAY = "tests/contracts/every_leaf.yaml"
OTHERS = ("guest", "plant")
"""Environments for what that one cannot say: in a VPC of somebody else, and without a cloud."""
ATTACHED = "tests/contracts/attached.yaml"
"""Sections that take the place of those of `dev` where it stands on a cluster of EKS that exists; null for none."""
VENDORED = "envoy-gateway"
"""The one add-on of that environment whose chart is expanded."""

_OBJECTS = (
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "envoy-gateway-system"}},
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "envoy-gateway-system"},
        "data": {"a": "b"},
    },
    {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "key", "namespace": "envoy-gateway-system"},
        "stringData": {"key": "a value that nobody may see"},
    },
)


def everything(folder: Path) -> Path:
    """Make that repository below `folder` and return its root."""
    root = repository(folder)
    for name in OTHERS:
        shutil.copy(ROOT / "tests" / "contracts" / f"{name}.yaml", root / FOLDER)
    data = whole(PLATFORM, "dev", OVERLAY)
    write(root, f"{FOLDER}/dev.yaml", data)
    attached = {**data, **yaml.safe_load((ROOT / ATTACHED).read_text(encoding="utf-8"))}
    write(root, f"{FOLDER}/attached.yaml", {key: value for key, value in attached.items() if value is not None})
    resolved = load(root, "dev")
    graph = derived(resolved)
    entry = _vendored(root, resolved)
    (root / FOLDER / "dev.lock.yaml").write_text(
        lock_text(lock_of(graph, resolved, {VENDORED: entry})), encoding="utf-8"
    )
    return root


def lock_of(graph: Graph, resolved: ResolvedEnvironment, vendored: Mapping[str, LockedChart] | None = None) -> Lock:
    """The lock that `bedplate lock` would write for `graph` with its derived objects."""
    if resolved.registry:
        resolved = resolved.without_mirror()
        graph = derived(resolved)
    return make_lock(graph, resolved, catalog.load(), vendored or {})


def _vendored(root: Path, resolved: ResolvedEnvironment) -> LockedChart:
    addon = next(item for item in resolved.environment.addons if item.name == VENDORED)
    assert isinstance(addon, ChartAddonSpec)
    chart = chart_of(addon, resolved.baseline)
    assert chart is not None
    made = Expanded("sha256:" + "0" * 64, expansion(addon, resolved.baseline.kubernetes), _OBJECTS)
    return write_vendored(root, VENDORED, chart, made)
