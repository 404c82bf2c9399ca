"""The shipped environment `dev`, judged once in each process, and edited copies of its repository.

Edited files are written as JSON, which YAML 1.2 reads as it is.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from bedplate.cli.pipeline import judged, recorded
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.graph import Graph
from bedplate.graph.values import Json
from bedplate.model.merge import merge
from bedplate.model.tree import Path as TreePath
from bedplate.model.tree import parse_path, plain
from bedplate.model.yaml_reader import read_file
from bedplate.output.review import Review

ROOT = Path(__file__).resolve().parents[2]
# A platform repository of the tests' own: what people write into environments/ must not break a test.
PLATFORM = ROOT / "tests" / "fixtures" / "platform"
# What an environment says of serving where somebody else installed it.
SERVING_PROVIDED: list[dict[str, Json]] = [
    {"name": name, "source": "provided", "version": version}
    for name, version in (("kserve-crd", "0.20.0"), ("kserve", "0.20.0"), ("envoy-gateway", "1.9.1"))
]
TODAY = date(2026, 11, 21)


@cache
def dev() -> ResolvedEnvironment:
    """The shipped environment `dev`, loaded."""
    return load(PLATFORM, "dev")


@cache
def dev_recorded() -> Graph:
    """What the program registers for `dev`, without derived objects."""
    return recorded(dev())


@cache
def dev_review() -> Review:
    """`dev`, recorded, derived and judged."""
    return judged(dev(), TODAY)


def repository(folder: Path) -> Path:
    """A copy of the platform repository below `folder`; what a test writes into it stays there."""
    shutil.copytree(PLATFORM / "environments", folder / "environments")
    return folder


def read(root: Path, relative: str) -> dict[str, Json]:
    """A file below `root` as plain data."""
    return dict(_data(plain(read_file(root, relative).root)))


def write(root: Path, relative: str, data: Json) -> None:
    """Write `data` to a file below `root`."""
    path = root / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")


def whole(root: Path, name: str, *overlays: str) -> dict[str, Json]:
    """Environment `name` below `root` as one document: fragments first, then the file, then `overlays` (files)."""
    document = read_file(root, f"environments/{name}.yaml").root
    fragments = [
        read_file(root, f"environments/{each}.yaml").root for each in _data(plain(document)).get("extends", ())
    ]
    merged = merge([*fragments, document, *(read_file(ROOT, each).root for each in overlays)])
    return {key: value for key, value in _data(plain(merged)).items() if key != "extends"}


def replaced(data: Json, path: str, value: Json) -> Json:
    """`data` with the value at `path` (as in `bedplate explain`) replaced; the key need not exist yet."""
    return _replaced(data, parse_path(path), value)


def _replaced(data: Json, path: TreePath, value: Json) -> Json:
    if not path:
        return value
    step, *rest = path
    if isinstance(data, Mapping):
        return {**data, str(step): _replaced(data.get(str(step)), tuple(rest), value)}
    if data is None:
        return {str(step): _replaced(None, tuple(rest), value)}
    positions = [index for index, item in enumerate(data) if step == index or _name(item) == step]
    assert len(positions) == 1, f"{step!r} selects {len(positions)} items"
    return [_replaced(item, tuple(rest), value) if index in positions else item for index, item in enumerate(data)]


def _name(item: Json) -> Json:
    return item.get("name") if isinstance(item, Mapping) else None


def _data(value: Json) -> Mapping[str, Json]:
    assert isinstance(value, Mapping)
    return value
