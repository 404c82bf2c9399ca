"""A lock that does not fit, and a vendored file that is not the one it names, are refused at their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.environment.load import load
from bedplate.environment.vendored import MAX_VALUES, manifests, sha256
from bedplate.model.lockfile import LockedChart
from bedplate.model.source import InputError
from tests.lock.repositories import CHART, LOCK, OBJECTS, line_of, vendored_repository
from tests.support.environments import repository

AGAIN = f"  hint: restore the file, or expand the chart again: bedplate lock dev --chart {CHART}=PATH"


def edited(root: Path, find: str, replace: str) -> Path:
    """The lock of `root` with the one place where `find` stands changed."""
    path = root / LOCK
    text = path.read_text(encoding="utf-8")
    assert text.count(find) == 1
    path.write_text(text.replace(find, replace), encoding="utf-8")
    return path


def refusal(root: Path) -> str:
    """What loading `dev` says."""
    with pytest.raises(InputError) as caught:
        load(root, "dev")
    return str(caught.value)


def file_of(root: Path, entry: LockedChart) -> Path:
    assert entry.vendored is not None
    return root / entry.vendored


def test_a_lock_of_another_environment_is_refused_at_its_name(tmp_path: Path) -> None:
    root = repository(tmp_path)
    edited(root, "environment: dev", "environment: prod")
    assert refusal(root) == (
        f"{LOCK}:3:14: environment: is 'prod', but the file is the lock of dev\n"
        "  hint: bedplate lock dev writes it anew"
    )


def test_a_lock_of_another_format_is_refused_at_its_schema(tmp_path: Path) -> None:
    root = repository(tmp_path)
    edited(root, "bedplate.lock/v1", "bedplate.lock/v2")
    message = refusal(root)
    assert message.startswith(f"{LOCK}:2:9: schema: ")
    assert "bedplate.lock/v1" in message


def test_without_its_lock_an_environment_loads_whatever_the_lock_is_like(tmp_path: Path) -> None:
    root = repository(tmp_path)
    (root / LOCK).write_text("no: lock", encoding="utf-8")
    resolved = load(root, "dev", with_lock=False)
    assert (resolved.lock, resolved.vendored) == (None, ())


def test_vendored_objects_are_read_as_they_were_written(tmp_path: Path) -> None:
    root, _ = vendored_repository(tmp_path)
    (vendored,) = load(root, "dev").vendored
    assert (vendored.name, vendored.objects) == (CHART, tuple(OBJECTS))


def test_a_vendored_file_that_is_missing_is_named_where_the_lock_points_at_it(tmp_path: Path) -> None:
    root, entry = vendored_repository(tmp_path)
    file_of(root, entry).unlink()
    line = line_of(root / LOCK, "vendored:")
    assert refusal(root) == (
        f"{LOCK}:{line}:13: charts[3].vendored: {entry.vendored} cannot be read: No such file or directory\n{AGAIN}"
    )


def test_a_vendored_file_that_was_edited_is_refused_with_both_digests(tmp_path: Path) -> None:
    root, entry = vendored_repository(tmp_path)
    file = file_of(root, entry)
    file.write_bytes(file.read_bytes().replace(b"a: b", b"a: c"))
    line = line_of(root / LOCK, "contents:")
    found = sha256(file.read_bytes())
    assert refusal(root) == (
        f"{LOCK}:{line}:13: charts[3].contents: {entry.vendored} has {found}; the lock has {entry.contents}\n{AGAIN}"
    )


def test_a_vendored_file_without_a_digest_in_the_lock_is_refused(tmp_path: Path) -> None:
    root, entry = vendored_repository(tmp_path)
    edited(root, f"  contents: {entry.contents}\n", "")
    assert f"{entry.vendored} has {entry.contents}; the lock has no digest of it\n{AGAIN}" in refusal(root)


@pytest.mark.parametrize("path", ["../outside.yaml", "/etc/hostname", "environments/vendor/../../../outside.yaml"])
def test_a_path_that_leaves_the_repository_is_refused_before_it_is_opened(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.yaml").write_text("secret: text", encoding="utf-8")
    root, entry = vendored_repository(tmp_path / "root")
    line = line_of(edited(root, str(entry.vendored), path), "vendored:")
    message = refusal(root)
    assert message == (
        f"{LOCK}:{line}:13: charts[3].vendored: {path} is not a path below the platform repository\n{AGAIN}"
    )


def test_a_link_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    root, entry = vendored_repository(tmp_path / "root")
    file = file_of(root, entry)
    file.rename(tmp_path / "moved.yaml")
    file.symlink_to(tmp_path / "moved.yaml")
    assert f"{entry.vendored} is or passes through a symbolic link" in refusal(root)


def test_objects_of_an_addon_that_left_the_environment_are_not_read(tmp_path: Path) -> None:
    root, entry = vendored_repository(tmp_path)
    file_of(root, entry).unlink()
    fragment = root / "environments/_gpu.yaml"
    row = "  - {name: kserve-crd, source: chart, namespace: kserve}\n"
    text = fragment.read_text(encoding="utf-8")
    assert row in text
    fragment.write_text(
        text.replace(row, "  - {name: kserve-crd, source: provided, version: 0.20.0}\n"), encoding="utf-8"
    )
    assert load(root, "dev").vendored == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [", "cannot be read as YAML"),
        ("kind: ConfigMap\nmetadata: {name: one}", "document 1 is no Kubernetes object"),
        ("apiVersion: v1\nkind: List\nitems: []", "document 1 is no Kubernetes object"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: .inf}", "holds what JSON cannot: inf"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: !!binary aGk=}", "holds what JSON cannot"),
        ("[" * 5000, "cannot be read as YAML"),
    ],
)
def test_what_is_no_stream_of_objects_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        manifests(text)


def test_anchors_that_stand_for_more_values_than_any_chart_has_are_refused() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    bomb = "\n".join(["apiVersion: v1", "kind: ConfigMap", "metadata: {name: one}", "l0: &l0 [1]", *levels])
    with pytest.raises(ValueError, match=f"holds more than {MAX_VALUES:,} values"):
        manifests(bomb)


def test_a_value_that_holds_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="holds more than"):
        manifests("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: &a {b: *a}")


def test_keys_become_text_and_dates_stay_text_as_in_clients_of_kubernetes() -> None:
    (item,) = manifests("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {2: 2026-11-21, yes: x}\n---\n")
    assert item["data"] == {"2": "2026-11-21", "true": "x"}
