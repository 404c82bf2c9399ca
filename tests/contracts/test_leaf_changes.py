"""A field lands together with the output that it changes: every leaf of the schema changes a named output."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from bedplate.cli.pipeline import judged
from bedplate.environment.environment import Environment
from bedplate.environment.load import load
from bedplate.graph.values import Json
from bedplate.lock.write import lock_text
from bedplate.model.lockfile import Lock
from bedplate.model.schema import json_schema
from bedplate.model.source import InputError
from bedplate.model.spec import Spec
from bedplate.model.tree import parse_path
from bedplate.output.compare import compare
from bedplate.output.documents.review import ReviewDocument
from bedplate.output.schema_walk import spot
from bedplate.output.sides import Base
from components.model_service.spec import ModelRelease
from tests.contracts.everything import everything, lock_of
from tests.contracts.leaves import leaf_at, leaves
from tests.support.environments import TODAY, read, replaced, write

TABLE = Path(__file__).with_name("leaf_changes.yaml")
OUTPUTS = ("graph", "findings", "capacity", "cost", "lock", "decisions", "validation")
FILES = {
    "environment": "environments/dev.yaml",
    "attached": "environments/attached.yaml",
    "guest": "environments/guest.yaml",
    "plant": "environments/plant.yaml",
    "release": "environments/models/qwen3-0.6b/1.0.0.yaml",
}
TARGETS = {"environment": "dev", "attached": "attached", "guest": "guest", "plant": "plant", "release": "dev"}
# What an environment can say is spread over several: none makes a cluster and takes one that is there at once, or
# stands in an account and in a plant.
MODELS: dict[tuple[str, ...], type[Spec]] = {
    ("environment", "attached", "guest", "plant"): Environment,
    ("release",): ModelRelease,
}


@dataclass(frozen=True)
class Row:
    """Another value for the leaf at `path` of a file, and the outputs that must show it."""

    file: str
    path: str
    to: Json
    shows: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {self.path}"


def _rows() -> list[Row]:
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return [Row(file, row["path"], row["to"], tuple(row["shows"])) for file, rows in table.items() for row in rows]


ROWS = _rows()


@dataclass(frozen=True)
class Before:
    """The environment in which every leaf has a value: its repository, its review, and the lock that fits it."""

    root: Path
    reviews: Mapping[str, ReviewDocument]
    locks: Mapping[str, Lock]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Before:
    root = everything(tmp_path_factory.mktemp("everything"))
    reviews: dict[str, ReviewDocument] = {}
    locks: dict[str, Lock] = {}
    for target in set(TARGETS.values()):
        resolved = load(root, target)
        made = judged(resolved, TODAY)
        reviews[target], locks[target] = made.to_json(), lock_of(made.graph, resolved)
    return Before(root, reviews, locks)


def _shown(before: Before, root: Path, target: str) -> set[str]:
    """Names of the outputs of `target` that differ between `before` and the repository `root`."""
    try:
        resolved = load(root, target)
    except InputError:
        return {"validation"}
    after = judged(resolved, TODAY)
    base = Base("before", before.reviews[target])
    comparison = compare(target, after.to_json(), base, {}, graph=after.graph)
    # What reviewers are shown of the Graph is empty exactly when its bytes are the same.
    assert ("graph" in comparison.differs) == bool(comparison.changes or comparison.reframed)
    return {*comparison.differs, *(["lock"] if lock_of(after.graph, resolved) != before.locks[target] else [])}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_another_value_of_a_leaf_changes_the_outputs_that_the_table_names(
    row: Row, before: Before, tmp_path: Path
) -> None:
    shutil.copytree(before.root, tmp_path, dirs_exist_ok=True)
    data = read(tmp_path, FILES[row.file])
    write(tmp_path, FILES[row.file], replaced(data, row.path, row.to))
    assert _shown(before, tmp_path, TARGETS[row.file]) == set(row.shows)
    assert row.shows, "a leaf that changes nothing is accepted and ignored"


@pytest.mark.parametrize("files", sorted(MODELS))
def test_every_leaf_of_the_schema_has_one_row(files: tuple[str, ...], before: Before) -> None:
    known = set(leaves(MODELS[files]))
    data = {file: read(before.root, FILES[file]) for file in files}
    rows = Counter(leaf_at(known, data[row.file], row.path) for row in ROWS if row.file in files)
    assert sorted(known - set(rows)) == []
    assert [leaf for leaf, count in rows.items() if count > 1] == []


@pytest.mark.parametrize("file", [file for file in FILES if file != "release"])
def test_every_leaf_of_an_environment_is_explained(file: str, before: Before) -> None:
    environment = load(before.root, TARGETS[file]).environment
    value, schema = environment.model_dump(mode="json", by_alias=True), json_schema(type(environment), "environment")
    found = {row.path: spot(value, schema, parse_path(row.path)).schema for row in ROWS if row.file == file}
    assert found
    assert [path for path, explained in found.items() if not explained.get("description")] == []


def test_the_table_names_outputs_that_exist() -> None:
    assert {name for row in ROWS for name in row.shows} <= set(OUTPUTS)


def test_the_repository_that_rows_are_applied_to_has_a_lock_that_is_up_to_date(before: Before) -> None:
    assert (before.root / "environments/dev.lock.yaml").read_text(encoding="utf-8") == lock_text(before.locks["dev"])
    assert before.reviews["dev"]["unresolved"] == [
        "602401143452.dkr.ecr.us-east-1.amazonaws.com/eks/aws-efa-k8s-device-plugin:v0.5.20",
        "kserve/storage-initializer:v0.20.0",
    ]
