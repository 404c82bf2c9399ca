"""Rows of a platform repository over the shipped ones: added, replaced for a reason, refused with their place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bedplate.catalog.catalog import load, load_for
from bedplate.catalog.overlay import FOLDER
from bedplate.catalog.tables import CLOSED_TABLES, DATA, KSERVE
from bedplate.model.source import InputError

SOURCES = "sources: {measured: {text: our own benchmark, asOf: 2026-10-01}}\n"


def write(root: Path, table: str, *rows: str, sources: str = SOURCES) -> Path:
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    text = sources + "rows:\n" + "".join(f"  - {{{row}, source: measured}}\n" for row in rows)
    (folder / f"{table}.yaml").write_text(text, encoding="utf-8")
    return root


def price(item: str, amount: str, extra: str = "") -> str:
    return f'item: {item}, unit: hour, amount: "{amount}", currency: USD, region: us-east-1{extra}'


def refusal(root: Path) -> str:
    with pytest.raises(InputError) as error:
        len(load_for(root).prices)
    return str(error.value)


def test_a_repository_without_rows_of_its_own_has_the_shipped_catalogue(tmp_path: Path) -> None:
    assert load_for(tmp_path) is load()


def test_a_repository_is_read_once(tmp_path: Path) -> None:
    root = write(tmp_path, "prices", price("our-rack", "1.50"))
    assert load_for(root) is load_for(root / "." / FOLDER / ".." / "..")


def test_a_row_of_its_own_is_added_beside_the_shipped_ones(tmp_path: Path) -> None:
    catalog = load_for(write(tmp_path, "prices", price("our-rack", "1.50")))
    own = catalog.price("our-rack", "us-east-1")
    assert own is not None
    assert (own.amount, own.source, own.as_of) == (Decimal("1.50"), "our own benchmark", date(2026, 10, 1))
    assert len(catalog.prices) == len(load().prices) + 1
    assert list(catalog.prices) == sorted(catalog.prices)
    assert catalog.gpus == load().gpus


def test_a_shipped_row_gives_way_to_one_that_says_why(tmp_path: Path) -> None:
    row = price("p5.48xlarge", "38.00", ", replaces: private price agreement")
    own = load_for(write(tmp_path, "prices", row)).price("p5.48xlarge", "us-east-1")
    assert own is not None
    assert own.amount == Decimal("38.00")
    assert own.source == "our own benchmark (replaces the shipped row: private price agreement)"


def test_the_shipped_catalogue_is_untouched(tmp_path: Path) -> None:
    row = price("p5.48xlarge", "38.00", ", replaces: private price agreement")
    assert load_for(write(tmp_path, "prices", row)).prices != load().prices


def test_a_shipped_row_is_never_replaced_in_silence(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, "prices", price("p5.48xlarge", "38.00"))) == (
        "extensions/catalog/prices.yaml:3:5: rows[p5.48xlarge, us-east-1]: is a row of the shipped catalogue: "
        "say why it takes its place, as in replaces: measured on our machines"
    )


def test_what_replaces_nothing_is_a_mistake(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, "prices", price("p5.49xlarge", "38.00", ", replaces: cheaper"))) == (
        "extensions/catalog/prices.yaml:3:5: rows[p5.49xlarge, us-east-1]: "
        "replaces nothing: the shipped catalogue has no such row"
    )


def test_a_replacement_needs_a_reason(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, "prices", price("p5.48xlarge", "38.00", ", replaces: ''"))) == (
        "extensions/catalog/prices.yaml:3:5: rows[p5.48xlarge, us-east-1]: needs a reason in replaces"
    )


def test_a_row_without_a_source_is_refused_as_in_the_shipped_files(tmp_path: Path) -> None:
    root = write(tmp_path, "prices", price("our-rack", "1.50"), sources="sources: {}\n")
    assert "extensions/catalog/prices.yaml:3:5: rows[our-rack].source: names no source of this file" in refusal(root)


def test_the_front_door_for_yaml_stands_before_it(tmp_path: Path) -> None:
    root = write(tmp_path, "prices", price("our-rack", "1.50"))
    file = root / FOLDER / "prices.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("item: our-rack", "item: !!str our-rack"), encoding="utf-8"
    )
    assert refusal(root).startswith("extensions/catalog/prices.yaml:3:12: ")


def test_a_file_that_leaves_the_repository_is_refused(tmp_path: Path) -> None:
    elsewhere = write(tmp_path / "elsewhere", "prices", price("our-rack", "1.50"))
    folder = tmp_path / "root" / FOLDER
    folder.mkdir(parents=True)
    (folder / "prices.yaml").symlink_to(elsewhere / FOLDER / "prices.yaml")
    assert "extensions/catalog/prices.yaml" in refusal(tmp_path / "root")


@pytest.mark.parametrize(
    ("table", "hint"),
    [
        ("price", "\n  hint: did you mean prices?"),
        ("kserve-0.20.0", ""),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, table: str, hint: str) -> None:
    write(tmp_path, table, price("our-rack", "1.50"))
    with pytest.raises(InputError) as error:
        load_for(tmp_path)
    told = str(error.value)
    assert told.startswith(
        f"extensions/catalog/{table}.yaml:1:1: is not a table of the catalogue\n  allowed: ami-support.yaml, "
    )
    assert told.endswith(f"vpc-endpoints.yaml{hint}")


@pytest.mark.parametrize("table", ["iam-boundaries", "writers"])
def test_a_table_that_is_closed_takes_no_rows(tmp_path: Path, table: str) -> None:
    write(tmp_path, table, price("our-rack", "1.50"))
    with pytest.raises(InputError) as error:
        load_for(tmp_path)
    first, _, others = str(error.value).partition("\n")
    assert first == f"extensions/catalog/{table}.yaml:1:1: is a table that takes no rows of a repository"
    assert f"{table}.yaml" not in others
    assert "hint" not in others


# A row without any field of a table is refused by who reads the table; one that nobody reads would go unnoticed.
@pytest.mark.parametrize(
    "table", sorted({file.stem for file in DATA.glob("*.yaml") if not file.stem.startswith(KSERVE)} - CLOSED_TABLES)
)
def test_every_other_table_takes_rows_of_a_repository(tmp_path: Path, table: str) -> None:
    assert f"extensions/catalog/{table}.yaml:3:5: " in refusal(write(tmp_path, table, "strange: field"))


def test_a_change_that_cannot_be_taken_back_belongs_to_a_type_that_is_known(tmp_path: Path) -> None:
    root = write(tmp_path, "one-way", "type: aws:ours/thing:Thing, path: size, says: it never shrinks")
    assert refusal(root) == (
        "extensions/catalog/one-way.yaml:3:5: rows[aws:ours/thing:Thing, size, , ].type: "
        "'aws:ours/thing:Thing' is not a row of replacement-rules.yaml"
    )


TYPE = "vcpus: 8, memoryMib: 65536, architecture: x86_64, gpuCount: 1, gpuMemoryMib: 40960, enis: 4, ipv4PerEni: 15"


def test_an_instance_type_names_a_gpu_that_is_known(tmp_path: Path) -> None:
    root = write(tmp_path, "instance-types", f"name: x9.2xlarge, gpu: L40Z, {TYPE}")
    with pytest.raises(InputError, match=r"instance-types\.yaml:3:5: rows\[x9\.2xlarge\]\.gpu: 'L40Z' is not a row"):
        len(load_for(root).instance_types)


def test_an_instance_type_may_have_a_gpu_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path, "instance-types", f"name: x9.2xlarge, gpu: L41, {TYPE}")
    gpu = "productLabel: NVIDIA-L41, memoryMib: unknown, computeCapability: 8.9, family: ada-lovelace, nvlink: false"
    catalog = load_for(write(tmp_path, "gpus", f"name: L41, {gpu}, driverMinimum: 550"))
    assert catalog.instance_types["x9.2xlarge"].gpu in catalog.gpus


@pytest.mark.parametrize(
    ("field", "old", "new", "message"),
    [
        ("kubernetes", 'kubernetes: "1.35"', 'kubernetes: "1.99"', "'1.99' is not a row of kubernetes-versions.yaml"),
        ("kserve", "kserve: 0.20.0", "kserve: 9.9.9", "nothing is known of KServe 9.9.9"),
    ],
)
def test_a_baseline_is_made_of_versions_that_are_known(
    tmp_path: Path, field: str, old: str, new: str, message: str
) -> None:
    shipped = load().folder.joinpath("baselines.yaml").read_text(encoding="utf-8")
    sources, _, rows = shipped.partition("\nrows:\n")
    row = rows[rows.index('  - name: "2026.11"') :].replace('"2026.11"', '"2026.11-ours"').replace(old, new)
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "baselines.yaml").write_text(f"{sources}\nrows:\n{row}", encoding="utf-8")
    with pytest.raises(InputError) as error:
        len(load_for(tmp_path).baselines)
    assert f"rows[2026.11-ours].{field}: {message}" in str(error.value)


def test_the_image_of_a_runtime_is_in_every_baseline(tmp_path: Path) -> None:
    facts = (
        "cudaMinimum: 12.4, driverMinimum: 550, port: 8000, metricsPath: /metrics, gpuMemoryUtilization: 0.9, "
        "overheadGib: 2, weightsFactor: 1, ttftBoundsSeconds: [1, 2]"
    )
    root = write(tmp_path, "runtimes", f"name: ours, imageRole: ours, {facts}")
    with pytest.raises(
        InputError, match=r"rows\[ours\]\.imageRole: 'ours' is not among the images of 2026\.08, 2026\.11"
    ):
        len(load_for(root).runtimes)
