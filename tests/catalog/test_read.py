"""Data files: what is taken from them, and the whole message for everything that is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bedplate.catalog.hardware import Gpu
from bedplate.catalog.read import read_plain, read_rows
from bedplate.catalog.rows import Price
from bedplate.model.source import InputError

SOURCES = """\
sources:
  old: {text: an old page, asOf: 2026-01-02}
  new: {text: a new page, asOf: 2026-03-04}
"""
L4 = """\
  - name: L4
    productLabel: NVIDIA-L4
    memoryMib: 22558
    computeCapability: 8.9
    family: ada-lovelace
    nvlink: false
    driverMinimum: 525.0
    source: old
"""
T4 = L4.replace("L4", "T4")


def gpus(tmp_path: Path, text: str) -> dict[str, Gpu]:
    file = tmp_path / "gpus.yaml"
    file.write_text(text, encoding="utf-8")
    return dict(read_rows(file, Gpu, lambda row: row.name))


def message(tmp_path: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        gpus(tmp_path, text)
    return str(caught.value)


def test_rows_come_by_name_in_the_order_of_names_whatever_the_order_of_the_file(tmp_path: Path) -> None:
    assert list(gpus(tmp_path, f"{SOURCES}rows:\n{T4}{L4}")) == ["L4", "T4"]


def test_numbers_that_are_versions_or_prices_keep_every_digit_without_quotes(tmp_path: Path) -> None:
    assert gpus(tmp_path, f"{SOURCES}rows:\n{L4.replace('525.0', '525.10')}")["L4"].driver_minimum == "525.10"
    file = tmp_path / "prices.yaml"
    row = "{item: nat, unit: hour, amount: 0.100, currency: USD, region: us-east-1, source: old}"
    file.write_text(f"{SOURCES}rows: [{row}]\n", encoding="utf-8")
    assert str(read_rows(file, Price, lambda price: price.item)["nat"].amount) == "0.100"


def test_a_row_carries_the_text_of_its_source_and_its_date(tmp_path: Path) -> None:
    row = gpus(tmp_path, f"{SOURCES}rows:\n{L4}")["L4"]
    assert (row.source, row.as_of) == ("an old page", date(2026, 1, 2))


def test_a_row_with_two_sources_names_both_and_is_as_old_as_the_older(tmp_path: Path) -> None:
    row = gpus(tmp_path, f"{SOURCES}rows:\n{L4.replace('source: old', 'source: [new, old]')}")["L4"]
    assert (row.source, row.as_of) == ("a new page; an old page", date(2026, 1, 2))


def test_a_table_cannot_be_changed(tmp_path: Path) -> None:
    file = tmp_path / "gpus.yaml"
    file.write_text(f"{SOURCES}rows:\n{L4}", encoding="utf-8")
    rows = read_rows(file, Gpu, lambda row: row.name)
    with pytest.raises(TypeError):
        rows["T4"] = rows["L4"]  # type: ignore[index]
    with pytest.raises(TypeError):
        rows["L4"].mig_profiles["1g.6gb"] = 4  # type: ignore[index]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            L4.replace("22558", "-1"),
            "bedplate/catalog/data/gpus.yaml:5:5: rows[L4].memoryMib: Input should be greater than 0, got '-1'",
        ),
        (
            L4.replace("22558", "much"),
            "bedplate/catalog/data/gpus.yaml:5:5: rows[L4].memoryMib: Input should be a valid integer, "
            "unable to parse string as an integer, got 'much'",
        ),
        (
            T4 + L4.replace("    nvlink: false\n", ""),
            "bedplate/catalog/data/gpus.yaml:13:5: rows[L4].nvlink: is required",
        ),
        (
            L4.replace("family:", "familiy:"),
            "bedplate/catalog/data/gpus.yaml:5:5: rows[L4].familiy: is not a field of this table\n"
            "bedplate/catalog/data/gpus.yaml:5:5: rows[L4].family: is required",
        ),
        (
            L4.replace("driverMinimum: 525.0", "driverMinimum: r525"),
            "bedplate/catalog/data/gpus.yaml:5:5: rows[L4].driverMinimum: "
            "'r525' is not a version of numbers joined by dots",
        ),
        (L4 + L4, "bedplate/catalog/data/gpus.yaml:13:5: rows[L4]: is listed twice"),
        (
            L4.replace("    family", "    nvlink: true\n    family"),
            "bedplate/catalog/data/gpus.yaml:11:5: rows[L4].nvlink: is there twice",
        ),
        (
            L4.replace("source: old", "source: hearsay"),
            "bedplate/catalog/data/gpus.yaml:5:5: rows[L4].source: names no source of this file: ['hearsay']\n"
            "  allowed: old, new",
        ),
        (
            L4.replace("    source: old\n", ""),
            "bedplate/catalog/data/gpus.yaml:5:5: rows[L4].source: names no source of this file: []\n"
            "  allowed: old, new",
        ),
        (
            L4 + "    asOf: 2026-01-01\n",
            "bedplate/catalog/data/gpus.yaml:5:5: rows[L4].asOf: is the date of the row's sources, not its own",
        ),
        ("  - L4\n", "bedplate/catalog/data/gpus.yaml:5:5: rows[]: must be a mapping"),
        ("  L4: {}\n", "bedplate/catalog/data/gpus.yaml:5:3: rows: must be a list"),
    ],
)
def test_a_wrong_row_is_refused_with_file_line_and_row(tmp_path: Path, rows: str, expected: str) -> None:
    assert message(tmp_path, f"{SOURCES}rows:\n{rows}") == expected


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    told = message(tmp_path, f"{SOURCES}rows:\n{L4.replace('22558', '0')}{T4.replace('22558', '0')}")
    assert [line.partition(": ")[0] for line in told.splitlines()] == [
        "bedplate/catalog/data/gpus.yaml:5:5",
        "bedplate/catalog/data/gpus.yaml:13:5",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"rows:\n{L4}", "bedplate/catalog/data/gpus.yaml:1:1: sources: is missing\n  allowed: rows, sources"),
        (
            f"{SOURCES}rows: []\nnotes: none\n",
            "bedplate/catalog/data/gpus.yaml:1:1: notes: is not a section\n  allowed: rows, sources",
        ),
        (
            "sources: {old: {text: page, asOf: lately}}\nrows: []\n",
            "bedplate/catalog/data/gpus.yaml:1:16: sources.old.asOf: "
            "Input should be a valid date or datetime, input is too short, got 'lately'",
        ),
        ("- a list\n", "bedplate/catalog/data/gpus.yaml:1:1: must be a mapping"),
        ("", "bedplate/catalog/data/gpus.yaml:1:1: must be a mapping"),
        ("rows: [\n", "bedplate/catalog/data/gpus.yaml:2:1: is not YAML: did not find expected node content"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    assert message(tmp_path, text).startswith(expected)


def test_a_plain_file_keeps_the_types_of_yaml_and_cannot_be_changed_at_any_depth(tmp_path: Path) -> None:
    file = tmp_path / "kserve-1.0.0.yaml"
    file.write_text("probe: {port: 8080, paths: [/live, /ready]}\n", encoding="utf-8")
    content = read_plain(file)
    assert content["probe"]["port"] == 8080
    assert content["probe"]["paths"] == ("/live", "/ready")
    with pytest.raises(TypeError):
        content["probe"]["port"] = 1
