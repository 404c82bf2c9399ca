from __future__ import annotations

import subprocess
import sys

import pytest

from bedplate.cli.main import COMMANDS
from tests.cli.running import run
from tests.support.environments import ROOT

HEAVY = ("pydantic", "pulumi", "pulumi_aws", "pulumi_kubernetes", "yaml", "rich", "grpc")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(option: str) -> None:
    program = (
        "import sys\n"
        "from bedplate.cli.main import main\n"
        "try:\n"
        f"    main([{option!r}])\n"
        "finally:\n"
        f"    print(sorted(set(sys.modules) & set({HEAVY!r})), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_every_command_imports_nothing_heavy_either(name: str) -> None:
    program = (
        "import sys\n"
        "from bedplate.cli.main import main\n"
        "try:\n"
        f"    main([{name!r}, '--help'])\n"
        "finally:\n"
        f"    print(sorted(set(sys.modules) & set({HEAVY!r})), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"


def test_help_lists_every_command() -> None:
    text = run("--help").out
    assert all(f"\n  {name} " in text for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_takes_root_and_json(name: str) -> None:
    text = run(name, "--help").out
    assert "--root" in text
    assert "--json" in text


def test_a_mistyped_command_is_answered_with_a_guess() -> None:
    found = run("plna", "dev")
    assert found.code == 2
    assert "No such command 'plna'. (did you mean plan?)" in found.err
    assert found.out == ""


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m bedplate.cli.main graph dev --format json | head -c 10; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_terminal_that_lacks_a_character_gets_a_question_mark_and_no_failure() -> None:
    argv = [sys.executable, "-X", "utf8=0", "-m", "bedplate.cli.main", "explain", "dev", "nodePools[l4].size"]
    done = subprocess.run(
        argv, capture_output=True, env={"PYTHONIOENCODING": "ascii", "PATH": "", "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0
    assert done.stdout.isascii()
