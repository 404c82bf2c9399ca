"""Rows that a platform repository lays over the catalogue reach everything that looks facts up."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bedplate.catalog.catalog import load as shipped
from bedplate.cli.pipeline import review
from bedplate.cli.planning import replacement_rules
from bedplate.environment.load import load
from bedplate.model.source import InputError
from bedplate.output.compare import compare
from bedplate.output.sides import Base
from tests.cli.running import run
from tests.output.builders import aws, graph
from tests.output.builders import review as review_of
from tests.support.environments import PLATFORM, TODAY, repository

SOURCE = "sources: {ours: {text: our own contract, asOf: 2026-10-01}}\nrows:\n"
PRICE = 'unit: hour, amount: "0.50", currency: USD, region: us-east-1'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path)


def lay(root: Path, table: str, row: str) -> None:
    folder = root / "extensions/catalog"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{table}.yaml").write_text(f"{SOURCE}  - {{{row}, source: ours}}\n", encoding="utf-8")


def test_without_rows_of_its_own_a_repository_has_the_shipped_catalogue() -> None:
    assert load(PLATFORM, "dev").catalog is shipped()


def test_costs_are_counted_with_the_prices_of_the_repository(root: Path) -> None:
    lay(root, "prices", f"item: g6.2xlarge, {PRICE}, replaces: a private agreement")
    (line,) = (line for line in review(root, "dev", TODAY).cost.lines if line.item == "g6.2xlarge")
    assert line.monthly is not None
    assert line.monthly.amount == Decimal("0.50") * 730


def test_a_pool_may_have_an_instance_type_of_the_repository(root: Path) -> None:
    lay(
        root,
        "instance-types",
        "name: x9.large, vcpus: 2, memoryMib: 8192, architecture: x86_64, gpuCount: 0, enis: 3, ipv4PerEni: 10",
    )
    file = root / "environments/dev.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("m7i.large", "x9.large"), encoding="utf-8")
    resolved = load(root, "dev")
    assert resolved.catalog.instance_types["x9.large"].source == "our own contract"
    # Nothing tells its price: it stays open, and is not free.
    assert "x9.large" in {line.item for line in review(root, "dev", TODAY).cost.lines if line.monthly is None}


def test_changes_are_judged_by_the_replacement_rules_of_the_repository(root: Path) -> None:
    lay(root, "replacement-rules", "type: aws:ours/thing:Thing, paths: [size], stateful: true")
    assert replacement_rules(root)["aws:ours/thing:Thing"].paths == ("size",)
    assert replacement_rules(root).keys() == {*shipped().replacement_rules, "aws:ours/thing:Thing"}


def test_what_cannot_be_taken_back_by_the_rows_of_the_repository_is_a_danger(root: Path) -> None:
    lay(root, "replacement-rules", "type: aws:ours/thing:Thing, paths: []")
    lay(root, "one-way", "type: aws:ours/thing:Thing, path: size, says: it never shrinks")
    small, big = (graph(aws("ours/thing:Thing", "it", {"size": size})) for size in (1, 2))
    found = compare("dev", review_of(big), Base("before", review_of(small)), replacement_rules(root)).dangers
    assert found == ("cannot be undone: ours.Thing it size 1 → 2: it never shrinks",)


def test_every_wrong_row_is_told_before_anything_else_is_made_of_them(root: Path) -> None:
    lay(root, "prices", f"item: g6.2xlarge, {PRICE}")
    lay(root, "gpus", "name: L4")
    with pytest.raises(InputError) as error:
        load(root, "dev")
    files = {problem.position.file for problem in error.value.problems if problem.position}
    assert files == {"extensions/catalog/gpus.yaml", "extensions/catalog/prices.yaml"}
    assert len(set(error.value.problems)) == len(error.value.problems)


def test_doctor_tells_that_the_rows_are_wrong(root: Path) -> None:
    lay(root, "prices", f"item: g6.2xlarge, {PRICE}")
    done = run("doctor", "--root", str(root), "--now", TODAY.isoformat(), "--json")
    checks = {check["name"]: check for check in done.json["checks"]}
    assert (done.code, checks["catalogue"]["state"], checks["catalogue"]["found"]) == (1, "missing", "1 problem")
    assert "prices" not in checks
