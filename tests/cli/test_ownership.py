"""`bedplate owners` and `bedplate codeowners`."""

from __future__ import annotations

from pathlib import Path

from jsonschema import Draft202012Validator

from bedplate.output.schemas import schema
from tests.cli.running import edited, run
from tests.support.environments import PLATFORM, repository

PLACE = ".github/CODEOWNERS"


def test_owners_shows_who_answers_and_who_approves() -> None:
    found = run("owners", "dev", "--root", str(PLATFORM))
    assert found.code == 0
    assert found.out.startswith("dev: every part has an owner\n  platform-team, platform@example.org\n")
    assert "  controlPlane  cloud provider: aws" in found.out
    assert "  team research  @example/research\n" in found.out
    data = run("owners", "dev", "--root", str(PLATFORM), "--json").json
    assert data["decisionRights"]["cluster"] == ["@example/platform"]
    assert [item["part"] for item in data["responsibilities"] if item["unowned"]] == []


def test_owners_counts_parts_that_nobody_answers_for(tmp_path: Path) -> None:
    gone = {"responsibilities": [{"name": "nodes", "remove": True}, {"name": "cost", "remove": True}]}
    root = edited(tmp_path, lambda data: {**data, "ownership": gone})
    found = run("owners", "dev", "--root", str(root))
    assert found.out.startswith("dev: 2 parts without an owner\n")
    assert "  nodes         nobody is named" in found.out


def test_codeowners_writes_once_and_says_when_it_is_stale(tmp_path: Path) -> None:
    root = repository(tmp_path)
    stale = run("codeowners", "--root", str(root), "--check")
    assert (stale.code, stale.out, stale.err) == (7, f"{PLACE}: out of date\n", "next: bedplate codeowners\n")
    assert not (root / PLACE).exists()
    assert run("codeowners", "--root", str(root)).out == f"{PLACE}: written\n"
    text = (root / PLACE).read_text(encoding="utf-8")
    assert "/environments/dev/teams/research.yaml  @example/research\n" in text
    fresh = run("codeowners", "--root", str(root), "--check")
    assert (fresh.code, fresh.out) == (0, f"{PLACE}: up to date\n")
    document = run("codeowners", "--root", str(root), "--json").json
    assert document == {"schema": "bedplate.codeowners/v1", "path": PLACE, "state": "up to date"}
    assert Draft202012Validator(schema("codeowners")).is_valid(document)
    (root / PLACE).write_text(f"* @x/all\n{text.replace('@example/research', '@x/mallory')}", encoding="utf-8")
    assert run("codeowners", "--root", str(root), "--check").code == 7
    assert run("codeowners", "--root", str(root)).code == 0
    assert (root / PLACE).read_text(encoding="utf-8") == f"* @x/all\n{text}"


def test_codeowners_stays_in_the_repository(tmp_path: Path) -> None:
    root = repository(tmp_path / "inside")
    (tmp_path / "outside").mkdir()
    (root / ".github").symlink_to(tmp_path / "outside")
    found = run("codeowners", "--root", str(root))
    assert (found.code, found.err) == (2, f"1 problem in the input\n{PLACE} is or passes through a symbolic link\n")
    assert run("codeowners", "--root", str(root), "--to", "../CODEOWNERS").code == 2
    assert list((tmp_path / "outside").iterdir()) == []


def test_codeowners_leaves_nothing_to_everyone(tmp_path: Path) -> None:
    root = edited(tmp_path, lambda data: {**data, "ownership": {"decisionRights": {"waivers": []}}})
    found = run("codeowners", "--root", str(root))
    assert found.code == 2
    assert found.err == (
        "error: paths would be nobody's, and a host lets everyone approve those:\n"
        "dev: ownership.decisionRights.waivers names nobody\n"
    )
    assert not (root / PLACE).exists()


def test_codeowners_touches_no_file_whose_marks_are_broken(tmp_path: Path) -> None:
    root = repository(tmp_path)
    (root / "CODEOWNERS").write_text("# bedplate: end\n", encoding="utf-8")
    found = run("codeowners", "--root", str(root), "--to", "CODEOWNERS")
    assert found.code == 2
    assert "do not stand once each" in found.err
    assert (root / "CODEOWNERS").read_text(encoding="utf-8") == "# bedplate: end\n"
