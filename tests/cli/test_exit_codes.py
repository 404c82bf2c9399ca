"""The contract of exit codes: what each means, what wins, and that the documentation says the same."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bedplate.cli.errors import CommandError, report
from bedplate.graph.values import Json
from bedplate.output.exits import PRECEDENCE, Exit
from bedplate.output.schemas import schema
from tests.cli.running import Result, edited, run
from tests.support.environments import ROOT, replaced, repository

PAGE = (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
WAIVER = {
    "policy": "stores/private",
    "target": "s3.Bucket nothing",
    "reason": "covers no finding at all",
    "owner": "ada@example.org",
    "approver": "grace@example.org",
    "expires": "2026-12-31",
}


def plan(root: Path, *options: str) -> Result:
    return run("plan", "dev", "--root", str(root), "--no-base", "--now", "2026-11-21", "--json", *options)


def poor(document: Json) -> Json:
    return replaced(document, "cost.monthlyBudget", "1.00")


def waived(document: Json) -> Json:
    return replaced(document, "policies", {"waivers": [WAIVER]})


def test_the_page_lists_every_code_and_the_order_in_which_they_win() -> None:
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)] == sorted(Exit)
    assert f"the first of {', '.join(str(int(code)) for code in PRECEDENCE)} is the exit code" in PAGE


def test_0_is_for_a_plan_that_may_be_applied(tmp_path: Path) -> None:
    found = plan(repository(tmp_path))
    assert (found.code, found.json["blocked"]) == (0, False)


def test_3_is_for_changes_where_asked_for(tmp_path: Path) -> None:
    found = plan(repository(tmp_path), "--detailed-exitcode")
    assert found.code == 3
    assert [(item["id"], item["exit"]) for item in found.json["reasons"]] == [("changes", 3)]


def test_4_is_for_policy_and_wins_over_the_budget_and_changes(tmp_path: Path) -> None:
    found = plan(edited(tmp_path, lambda document: poor(waived(document))), "--detailed-exitcode")
    assert found.code == 4
    assert {item["id"]: item["exit"] for item in found.json["reasons"]} == {"policy": 4, "budget": 5, "changes": 3}


def test_5_is_for_what_is_above_the_budget(tmp_path: Path) -> None:
    assert plan(edited(tmp_path, poor)).code == 5


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan"],
        ["plan", "dev", "--now", "tomorrow"],
        ["plan", "dev", "--base", "no-such-ref"],
        ["plan", "nope", "--no-base"],
        ["validate", "nope"],
        ["explain", "dev", "nope"],
        ["why", "dev", "no such object"],
        ["graph", "dev", "--format", "png"],
        ["graph", "nope"],
        ["manifests", "dev"],
        ["pr", "--base", "no-such-ref"],
        ["validate", "--root", "no-such-folder"],
    ],
    ids=" ".join,
)
def test_2_is_for_arguments_and_files_that_cannot_be_used(arguments: list[str]) -> None:
    found = run(*arguments)
    assert found.code == 2
    assert "Traceback" not in found.err
    assert found.err or found.out


@pytest.mark.parametrize("code", [Exit.FAILED, Exit.INTEGRITY, Exit.DRIFT])
def test_an_error_of_a_command_carries_its_own_code(code: Exit) -> None:
    assert report(CommandError("x", code), debug=False) == code


def test_what_nobody_foresaw_is_a_failure_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(RuntimeError("surprise"), debug=False) == Exit.FAILED
    err = capsys.readouterr().err
    assert err.startswith("error: RuntimeError: surprise\nthis is a defect of bedplate")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["plan", "dev", "--now", "tomorrow", "--json"], 2, "input"),
        (["explain", "dev", "nope", "--json"], 2, "input"),
        (["plan", "nope", "--no-base", "--json"], 2, "input"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_error_under_json_is_json_with_code_and_reason(arguments: list[str], code: int, reason: str) -> None:
    found = run(*arguments)
    assert (found.code, found.json["exit"], found.json["reason"]) == (code, code, reason)
    assert Draft202012Validator(schema("error")).is_valid(found.json)
    assert found.json["message"]


def test_a_mistyped_environment_is_answered_with_a_guess() -> None:
    assert "did you mean dev?" in run("plan", "devv", "--no-base").err


def test_130_is_for_a_question_that_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    found = run("destroy", "dev")
    assert found.code == 130
    assert found.err.endswith("--confirm NAME does not ask\n")


def test_a_traceback_is_shown_only_where_asked_for() -> None:
    assert "Traceback" in run("--debug", "explain", "dev", "nope").err
    assert "Traceback" not in run("explain", "dev", "nope").err
