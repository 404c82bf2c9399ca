"""What holds for the repository of the made-up company, as for the shipped environments."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bedplate.cli.pipeline import recorded
from bedplate.environment.extended import environment_type
from bedplate.environment.load import load
from bedplate.graph.values import Json
from bedplate.model.schema import json_schema
from bedplate.model.spec import check_described
from tests.contracts.leaves import leaves
from tests.support.environments import ROOT, read, replaced, write

COMPANY = ROOT / "tests" / "fixtures" / "company"
# Another value for every leaf that the company's components add to the schema, and the environment that it is in.
OTHERS: dict[str, tuple[str, Json]] = {
    "extensions.alerts.displayName": ("cloud", "Acme on trial"),
    "extensions.racks.namespace": ("plant", "halls"),
    "extensions.racks.pools": ("plant", {"system": "A-02", "inspection": "C-17"}),
}


def test_every_leaf_that_its_components_add_has_another_value() -> None:
    found = [leaf for leaf in leaves(environment_type(COMPANY)) if leaf.startswith("extensions.")]
    assert sorted(found) == sorted(OTHERS)


@pytest.mark.parametrize("leaf", OTHERS)
def test_another_value_changes_what_is_made(leaf: str, tmp_path: Path) -> None:
    name, value = OTHERS[leaf]
    before = recorded(load(COMPANY, name)).bytes
    shutil.copytree(COMPANY, tmp_path, dirs_exist_ok=True)
    file = f"environments/{name}.yaml"
    write(tmp_path, file, replaced(read(tmp_path, file), leaf, value))
    assert recorded(load(tmp_path, name)).bytes != before


def test_its_schema_explains_every_key() -> None:
    model = environment_type(COMPANY)
    assert check_described(model) == ()
    definitions = json_schema(model, "environment")["$defs"]
    assert list(definitions["ExtensionsSpec"]["properties"]) == ["alerts", "racks"]
    assert definitions["RacksSpec"]["additionalProperties"] is False
