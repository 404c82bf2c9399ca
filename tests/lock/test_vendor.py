"""What is written of an expanded chart: sorted bytes, a name that tells contents apart, a digest of the source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bedplate.environment.facts import Chart
from bedplate.environment.vendored import manifests, sha256
from bedplate.lock.vendor import Expanded, chart_digest, save, vendored_file, write
from tests.lock.repositories import OBJECTS

CHART = Chart("oci://registry.example/charts/kserve-crd", "v0.20.0")
DIGEST = "sha256:" + "a" * 64
EXPANSION = "sha256:" + "e" * 64


def expanded(*objects: Any) -> Expanded:
    return Expanded(DIGEST, EXPANSION, objects or tuple(OBJECTS))


def test_the_entry_names_the_file_its_digest_the_source_and_what_it_was_expanded_with() -> None:
    entry, data = vendored_file("kserve-crd", CHART, expanded())
    assert entry.contents == sha256(data)
    assert entry.vendored == f"environments/vendor/kserve-crd-v0.20.0-{sha256(data)[7:19]}.yaml"
    assert (entry.archive, entry.expansion, entry.reference) == (DIGEST, EXPANSION, CHART.reference)


def test_the_same_objects_give_the_same_file_and_others_another() -> None:
    entry, data = vendored_file("kserve-crd", CHART, expanded())
    assert vendored_file("kserve-crd", CHART, expanded()) == (entry, data)
    other, _ = vendored_file("kserve-crd", CHART, expanded(OBJECTS[0]))
    assert other.vendored != entry.vendored


def test_the_file_reads_back_as_the_objects_that_were_expanded() -> None:
    tricky = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "tricky", "annotations": None},
        "data": {"yes": "no", "date": "2026-11-21", "octal": "0o17", "float": "1e3", "text": "a\n  b\n", "é": "ü"},
    }
    _, data = vendored_file("kserve-crd", CHART, expanded(tricky))
    assert manifests(data) == (tricky,)


def test_a_value_that_objects_share_is_written_out_each_time() -> None:
    labels = {"app": "one"}
    first = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "labels": labels}}
    second = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "two", "labels": labels}, "data": labels}
    _, data = vendored_file("kserve-crd", CHART, expanded(first, second))
    assert b"&" not in data
    assert b"*" not in data


def test_writing_makes_the_folder_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    entry = write(tmp_path, "kserve-crd", CHART, expanded())
    assert entry.vendored is not None
    file = tmp_path / entry.vendored
    assert sha256(file.read_bytes()) == entry.contents
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    entry, data = vendored_file("kserve-crd", CHART, expanded())
    assert entry.vendored is not None
    file = tmp_path / entry.vendored
    (file / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        save(tmp_path, entry, data)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_the_digest_of_an_archive_is_that_of_its_bytes(tmp_path: Path) -> None:
    archive = tmp_path / "chart.tgz"
    archive.write_bytes(b"bytes")
    assert chart_digest(archive) == sha256(b"bytes")


def test_the_digest_of_a_folder_follows_names_and_contents_and_not_the_place(tmp_path: Path) -> None:
    digests = {}
    for name, files in {
        "one": {"a": "1", "sub/b": "2"},
        "moved": {"a": "1", "sub/b": "2"},
        "renamed": {"a": "1", "sub/c": "2"},
        "edited": {"a": "1", "sub/b": "3"},
    }.items():
        for relative, text in files.items():
            path = tmp_path / name / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        digests[name] = chart_digest(tmp_path / name)
    assert digests["one"] == digests["moved"]
    assert len({digests["one"], digests["renamed"], digests["edited"]}) == 3
