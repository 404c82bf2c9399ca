from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bedplate.graph.graph import Graph
from tests.cli.running import edited, run
from tests.support.delivery import handed_over
from tests.support.environments import PLATFORM, dev_review, repository


def test_validate_says_a_verdict_for_every_environment() -> None:
    found = run("validate", "--root", str(PLATFORM))
    assert found.code == 0
    assert found.out.startswith("dev: ok (")


def test_validate_shows_all_problems_on_stdout_and_fails(tmp_path: Path) -> None:
    root = edited(tmp_path, lambda document: {**document, "tier": "prodution", "surplus": 1})
    found = run("validate", "--root", str(root))
    assert found.code == 2
    assert found.out.startswith("dev: 2 problems\n")
    assert run("validate", "--root", str(root), "--json").json["exit"] == 2


def test_explain_shows_text_and_json_of_the_same_value() -> None:
    assert run("explain", "dev", "network.nat", "--root", str(PLATFORM)).out.startswith("network.nat = ")
    assert run("explain", "dev", "network.nat", "--root", str(PLATFORM), "--json").json["path"] == "network.nat"


def test_why_lists_candidates_for_a_name_of_several_objects() -> None:
    found = run("why", "dev", "chat", "--root", str(PLATFORM))
    assert found.code == 2
    assert "InferenceService research/chat" in found.err


def test_why_shows_the_entry_behind_an_object() -> None:
    found = run("why", "dev", "InferenceService research/chat", "--root", str(PLATFORM))
    assert "models[chat]  environments/dev.yaml:" in found.out
    as_json = run("why", "dev", "InferenceService research/chat", "--root", str(PLATFORM), "--json").json
    assert as_json["entry"] == "models[chat]"


def test_graph_as_json_is_the_graph_itself() -> None:
    found = run("graph", "dev", "--format", "json", "--root", str(PLATFORM))
    assert Graph.from_json(found.json).digest == dev_review().graph.digest
    assert run("graph", "dev", "--json", "--root", str(PLATFORM)).out == found.out


def test_graph_leaves_derived_objects_out_where_asked_to() -> None:
    found = run("graph", "dev", "--json", "--no-derived", "--root", str(PLATFORM)).json
    assert not any("derivedFrom" in item for item in found["resources"])


def test_graph_draws_in_both_languages() -> None:
    assert run("graph", "dev", "--root", str(PLATFORM)).out.startswith("flowchart LR\n")
    assert run("graph", "dev", "--format", "dot", "--root", str(PLATFORM)).out.startswith('digraph "dev" {\n')


def test_manifests_writes_a_folder_and_says_what_comes_next(tmp_path: Path) -> None:
    found = run("manifests", "dev", "--to", str(tmp_path / "out"), "--for", "flux", "--root", str(PLATFORM))
    assert found.code == 0
    assert found.out.startswith("00  ")
    assert "next: commit" in found.err
    assert "warning: without the objects of cert-manager, envoy-gateway, kserve, kserve-crd; expand them" in found.err
    assert (tmp_path / "out" / "flux" / "bedplate-dev-00.yaml").is_file()


def test_flux_finds_its_waves_below_the_repository(tmp_path: Path) -> None:
    root = repository(tmp_path)
    run("manifests", "dev", "--to", str(root / "delivery" / "dev"), "--for", "flux", "--root", str(root))
    text = (root / "delivery/dev/flux/bedplate-dev-00.yaml").read_text(encoding="utf-8")
    assert 'path: "./delivery/dev/00"' in text


def test_manifests_without_a_writer_are_those_that_the_environment_leaves_to_its_controller(tmp_path: Path) -> None:
    root, out = handed_over(tmp_path / "platform", "argocd", "models"), tmp_path / "out"
    found = run("manifests", "dev", "--to", str(out), "--root", str(root))
    assert found.code == 0
    assert found.out == "models/00  5 objects\nmodels/01  2 objects\n"
    assert "next: commit it to the repository that delivery.gitops names" in found.err
    whole = run("manifests", "dev", "--to", str(tmp_path / "whole"), "--for", "kubectl", "--root", str(root))
    assert whole.out.startswith("00  ")


def test_manifests_check_says_whether_the_folder_is_up_to_date_and_writes_nothing(tmp_path: Path) -> None:
    root, out = handed_over(tmp_path / "platform", "argocd", "models"), tmp_path / "out"
    ask = ("manifests", "dev", "--to", str(out), "--root", str(root))
    assert (run(*ask, "--check").code, out.exists()) == (7, False)
    run(*ask)
    assert run(*ask, "--check").code == 0
    (out / "models" / "kustomization.yaml").write_text("edited", encoding="utf-8")
    found = run(*ask, "--check")
    assert found.code == 7
    assert "is not up to date: models/kustomization.yaml. Write it with `bedplate manifests`" in found.err
    assert (out / "models" / "kustomization.yaml").read_text(encoding="utf-8") == "edited"


def test_manifests_refuses_a_folder_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept", encoding="utf-8")
    found = run("manifests", "dev", "--to", str(tmp_path), "--root", str(PLATFORM))
    assert found.code == 1
    assert "was not written by bedplate" in found.err
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "kept"


def test_manifests_are_the_same_bytes_with_any_hash_seed_folder_and_locale(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "bedplate.cli.main", "manifests", "dev", "--root", str(PLATFORM), "--to", "out"]
    env = {**os.environ, "PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    subprocess.run(argv, cwd=tmp_path, env=env, check=True, capture_output=True)
    run("manifests", "dev", "--root", str(PLATFORM), "--to", str(tmp_path / "here"))
    files = {
        path.relative_to(tmp_path / "out"): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert files
    assert all((tmp_path / "here" / path).read_bytes() == data for path, data in files.items())


def test_plan_writes_the_same_document_to_a_file_and_to_stdout(tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    found = run("plan", "dev", "--no-base", "--now", "2026-11-21", "--root", str(PLATFORM), "--json", "--out", str(out))
    assert out.read_text(encoding="utf-8") == found.out
    assert found.json["schema"] == "bedplate.plan/v1"
    assert found.err == f"plan written to {out}\n"


def test_plan_as_text_is_data_on_stdout_and_silence_on_stderr() -> None:
    found = run("plan", "dev", "--no-base", "--now", "2026-11-21", "--root", str(PLATFORM))
    assert found.out.startswith("dev: ")
    assert found.out.splitlines()[-1].startswith("next: bedplate ")
    assert found.err == ""


def test_no_output_names_a_folder_of_this_machine(tmp_path: Path) -> None:
    root = repository(tmp_path / "secret-place")
    for arguments in (["plan", "dev", "--no-base", "--json"], ["graph", "dev"], ["explain", "dev"]):
        found = run(*arguments, "--root", str(root))
        assert "secret-place" not in found.out
