"""`bedplate lock` writes what is new, says what changes, and leaves everything as it was where something is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bedplate.graph.values import Json
from tests.cli.running import edited, run
from tests.lock.repositories import CHART, LOCK, vendored_repository
from tests.support.environments import PLATFORM, replaced, repository

SHIPPED = (PLATFORM / LOCK).read_bytes()
NO_HELM = f"error: {CHART}: helm is not on PATH; `bedplate doctor` says how to get it\n"


def damaged(folder: Path, text: str = "no: lock\n") -> Path:
    """A repository whose lock of `dev` holds `text`."""
    root = repository(folder)
    (root / LOCK).write_text(text, encoding="utf-8")
    return root


def test_check_of_a_lock_that_is_up_to_date_says_so_and_ends_with_0() -> None:
    found = run("lock", "dev", "--check", "--root", str(PLATFORM))
    assert (found.code, found.err) == (0, "")
    assert found.out.splitlines()[0].startswith("dev: lock up to date, ")


def test_check_of_a_lock_that_is_not_names_every_difference_ends_with_7_and_writes_nothing(tmp_path: Path) -> None:
    root = repository(tmp_path)
    text = (root / LOCK).read_text(encoding="utf-8")
    stale = text.replace("kserve-crd:v0.20.0", "kserve-crd:v0.19.0").encode()
    (root / LOCK).write_bytes(stale)
    found = run("lock", "dev", "--check", "--root", str(root))
    assert (found.code, found.err) == (7, "next: bedplate lock dev\n")
    verdict, change, *_ = found.out.splitlines()
    assert verdict.startswith("dev: lock out of date, ")
    assert change == "  changed  chart kserve-crd: reference"
    assert (root / LOCK).read_bytes() == stale


def test_a_missing_lock_is_written_and_then_up_to_date(tmp_path: Path) -> None:
    root = repository(tmp_path)
    (root / LOCK).unlink()
    found = run("lock", "dev", "--root", str(root))
    assert found.code == 0
    assert found.out.startswith("dev: lock written, ")
    assert "kserve, kserve-crd; next: bedplate lock dev --chart cert-manager=PATH" in found.err
    assert (root / LOCK).read_bytes() == SHIPPED
    assert run("lock", "dev", "--check", "--root", str(root)).code == 0


def test_references_without_a_digest_are_listed(tmp_path: Path) -> None:
    def with_other_chart(document: Json) -> Json:
        return replaced(
            document, "addons", [{"name": "kserve", "source": "chart", "version": "9.9.9", "namespace": "k"}]
        )

    found = run("lock", "dev", "--root", str(edited(tmp_path, with_other_chart)))
    assert "  unresolved  oci://ghcr.io/kserve/charts/kserve-resources:9.9.9" in found.out.splitlines()


def test_json_is_the_lock_itself() -> None:
    found = run("lock", "dev", "--check", "--json", "--root", str(PLATFORM)).json
    assert (found["schema"], found["environment"]) == ("bedplate.lock/v1", "dev")
    assert [item["name"] for item in found["charts"]] == ["cert-manager", "envoy-gateway", "kserve", "kserve-crd"]


def test_a_lock_that_cannot_be_read_is_written_anew_with_a_warning(tmp_path: Path) -> None:
    root = damaged(tmp_path)
    found = run("lock", "dev", "--root", str(root))
    assert found.code == 0
    assert found.err.startswith("warning: the lock cannot be read; it is written anew, without what it knew\n")
    assert f"{LOCK}:1:1: schema: is required" in found.err
    assert (root / LOCK).read_bytes() == SHIPPED


def test_check_of_a_lock_that_cannot_be_read_is_an_input_error(tmp_path: Path) -> None:
    root = damaged(tmp_path)
    found = run("lock", "dev", "--check", "--root", str(root))
    assert found.code == 2
    assert f"{LOCK}:1:1: schema: is required" in found.err


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("kserve-cdr=.", "--chart kserve-cdr: no chart of the environment has that name (did you mean kserve-crd?)"),
        (
            "coredns=.",
            "--chart coredns: no chart of the environment has that name (charts of this environment: cert-manager, "
            "envoy-gateway, kserve, kserve-crd)",
        ),
        ("kserve-crd", "--chart 'kserve-crd' is not NAME=PATH"),
        ("kserve-crd=", "--chart 'kserve-crd=' is not NAME=PATH"),
        ("kserve-crd=nowhere", "--chart kserve-crd: there is no file or folder 'nowhere'"),
    ],
)
def test_a_chart_that_cannot_be_meant_is_a_usage_error(value: str, message: str) -> None:
    found = run("lock", "dev", "--chart", value, "--root", str(PLATFORM))
    assert (found.code, found.err) == (2, f"error: {message}\n")
    assert (PLATFORM / LOCK).read_bytes() == SHIPPED


def test_a_chart_that_is_given_twice_is_a_usage_error_before_anything_is_expanded() -> None:
    found = run("lock", "dev", "--chart", f"{CHART}=.", "--chart", f"{CHART}=.", "--root", str(PLATFORM))
    assert (found.code, found.err) == (2, f"error: --chart {CHART} is given twice\n")


def test_a_check_takes_no_chart() -> None:
    found = run("lock", "dev", "--check", "--chart", f"{CHART}=.", "--root", str(PLATFORM))
    assert (found.code, found.err) == (2, "error: --check writes nothing, so it takes no --chart\n")


def without_helm(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A PATH on which there is no helm."""
    (folder / "bin").mkdir()
    monkeypatch.setenv("PATH", str(folder / "bin"))


def test_without_helm_nothing_is_written_and_doctor_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path / "root")
    without_helm(monkeypatch, tmp_path)
    found = run("lock", "dev", "--chart", f"{CHART}={tmp_path}", "--root", str(root))
    assert (found.code, found.err) == (1, NO_HELM)
    assert not (root / "environments/vendor").exists()
    assert (root / LOCK).read_bytes() == SHIPPED


def test_a_helm_that_cannot_be_run_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_helm(monkeypatch, tmp_path)
    helm = tmp_path / "bin" / "helm"
    helm.write_bytes(b"\x7fELF no program")
    helm.chmod(0o755)
    found = run("lock", "dev", "--chart", f"{CHART}={tmp_path}", "--root", str(PLATFORM))
    assert found.code == 1
    assert found.err == f"error: {CHART}: helm show: {helm} cannot be run: Exec format error\n"


def test_a_vendored_chart_stays_until_what_it_was_expanded_with_changes(tmp_path: Path) -> None:
    root, entry = vendored_repository(tmp_path)
    text = (root / LOCK).read_text(encoding="utf-8")
    kept = run("lock", "dev", "--root", str(root))
    assert kept.out.startswith("dev: lock up to date, ")
    assert (root / LOCK).read_text(encoding="utf-8") == text
    fragment = root / "environments/_gpu.yaml"
    row = "{name: kserve-crd, source: chart, namespace: kserve}"
    moved = fragment.read_text(encoding="utf-8").replace(row, row.replace("namespace: kserve", "namespace: other"))
    fragment.write_text(moved, encoding="utf-8")
    changed = run("lock", "dev", "--root", str(root))
    assert f"  changed  chart {CHART}: vendored, contents, archive, expansion" in changed.out.splitlines()
    assert entry.vendored is not None
    assert entry.vendored not in (root / LOCK).read_text(encoding="utf-8")
    assert run("lock", "dev", "--check", "--root", str(root)).code == 0


def test_a_vendored_file_that_was_edited_stops_the_lock_too(tmp_path: Path) -> None:
    root, entry = vendored_repository(tmp_path)
    assert entry.vendored is not None
    (root / entry.vendored).write_text("", encoding="utf-8")
    found = run("lock", "dev", "--root", str(root))
    assert found.code == 2
    assert f"{entry.vendored} has sha256:" in found.err


def test_a_place_that_cannot_be_written_is_named_and_the_lock_stays(tmp_path: Path) -> None:
    root = repository(tmp_path)
    (root / LOCK).unlink()
    (root / LOCK).mkdir()
    found = run("lock", "dev", "--root", str(root))
    assert found.code == 1
    assert "cannot be written: Is a directory; the lock is as it was" in found.err
    assert [path.name for path in (root / "environments").glob(".*")] == []
    shutil.rmtree(root / LOCK)
    assert run("lock", "dev", "--root", str(root)).code == 0
