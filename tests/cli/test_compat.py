"""`bedplate compat`: a record of one version, and another version held against it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bedplate.output.schemas import schema
from tests.cli.running import run
from tests.support.environments import read, repository, write

WEIGHTS = "aws:s3/bucket:Bucket::weights-bucket"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A repository, and the record that this version makes of it."""
    folder = tmp_path_factory.mktemp("compat")
    root, record = repository(folder / "platform"), folder / "record.json"
    done = run("compat", "--root", str(root), "--record", str(record), "--now", "2026-11-21")
    assert (done.code, done.err) == (0, f"written to {record}\n")
    return root, record


def test_the_same_version_over_the_same_files_breaks_nothing(place: tuple[Path, Path]) -> None:
    root, record = place
    found = run("compat", "--root", str(root), "--against", str(record), "--json")
    assert found.code == 0
    assert Draft202012Validator(schema("compat")).is_valid(found.json)
    assert Draft202012Validator(schema("record")).is_valid(json.loads(record.read_text(encoding="utf-8")))
    assert [item["environment"] for item in found.json["environments"]] == ["dev"]


def test_an_object_that_only_the_older_version_makes_is_told_before_it_is_deleted(
    place: tuple[Path, Path], tmp_path: Path
) -> None:
    root, record = place
    data = json.loads(record.read_text(encoding="utf-8"))
    identities = data["environments"]["dev"]["identities"]
    (urn,) = [urn for urn in identities if urn.endswith(WEIGHTS)]
    identities[f"{urn}-older"] = {}
    identities[urn] = {**identities[urn], "bucket": "0123456789ab"}
    older = tmp_path / "older.json"
    older.write_text(json.dumps({**data, "tool": "0.0.1"}), encoding="utf-8")
    found = run("compat", "--root", str(root), "--against", str(older))
    assert found.code == 7
    assert "breaks dev" in found.out
    assert f"  deletes {urn}-older\n  replaces {urn}: bucket\n" in found.out


def test_a_record_of_other_files_is_refused(place: tuple[Path, Path], tmp_path: Path) -> None:
    _, record = place
    other = repository(tmp_path)
    write(other, "environments/dev.yaml", {**read(other, "environments/dev.yaml"), "description": "Other words"})
    found = run("compat", "--root", str(other), "--against", str(record))
    assert found.code == 2
    assert "the record was made of other files than these" in found.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no record"),
        ("[]", "has the format None, and this version reads bedplate.record/v1"),
        ('{"schema": "bedplate.record/v2"}', "has the format 'bedplate.record/v2'"),
        ('{"schema": "bedplate.record/v1"}', "is no whole record"),
    ],
)
def test_what_is_no_record_is_refused_with_what_to_do(
    text: str, told: str, place: tuple[Path, Path], tmp_path: Path
) -> None:
    file = tmp_path / "file.json"
    file.write_text(text, encoding="utf-8")
    found = run("compat", "--root", str(place[0]), "--against", str(file))
    assert found.code == 2
    assert told in found.err


def test_one_of_both_is_asked_for(place: tuple[Path, Path]) -> None:
    assert "give one of --record FILE and --against FILE" in run("compat", "--root", str(place[0])).err
