"""The catalogue as a whole: what it hands out, and that it reads no more than it is asked for."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from bedplate.catalog.catalog import Catalog, load
from bedplate.catalog.tables import DATA
from bedplate.model.source import InputError


def test_the_shipped_catalogue_is_read_once() -> None:
    assert load() is load()
    assert load().gpus is load().gpus


def test_a_file_is_read_only_when_it_is_asked_for(tmp_path: Path) -> None:
    shutil.copy(DATA / "gpus.yaml", tmp_path)
    catalog = Catalog(tmp_path)
    assert "L4" in catalog.gpus
    with pytest.raises(FileNotFoundError):
        len(catalog.prices)


def test_a_wrong_file_is_named_with_its_row(tmp_path: Path) -> None:
    text = (DATA / "gpus.yaml").read_text(encoding="utf-8")
    (tmp_path / "gpus.yaml").write_text(text.replace("memoryMib: 22558", "memoryMib: 22 GiB"), encoding="utf-8")
    with pytest.raises(InputError, match=r"bedplate/catalog/data/gpus\.yaml:\d+:5: rows\[L4\]\.memoryMib: .*'22 GiB'"):
        len(Catalog(tmp_path).gpus)


def test_a_price_is_found_by_item_and_region() -> None:
    price = load().price("g6.2xlarge", "us-east-1")
    assert price is not None
    assert (price.amount, price.unit, price.currency) == (Decimal("0.9776"), "hour", "USD")


@pytest.mark.parametrize(("item", "region"), [("g6.2xlarge", "eu-central-1"), ("g6.2xlarge.spot", "us-east-1")])
def test_a_price_that_nobody_stated_is_unknown(item: str, region: str) -> None:
    assert load().price(item, region) is None


def test_kserve_releases_are_read_from_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "kserve-1.2.3.yaml").write_text("runtime: {port: 8080}\n", encoding="utf-8")
    assert Catalog(tmp_path).kserve("1.2.3")["runtime"]["port"] == 8080


def test_a_kserve_release_without_a_file_is_refused_with_those_that_have_one(tmp_path: Path) -> None:
    (tmp_path / "kserve-1.2.3.yaml").touch()
    with pytest.raises(LookupError, match=r"KServe 9\.9\.9 is not in the catalogue; known: 1\.2\.3"):
        Catalog(tmp_path).kserve("9.9.9")
