"""`bedplate destroy` asks for the name, refuses what is guarded, and says what is left and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bedplate.cli.base import last_applied
from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.graph.values import Json
from tests.cli.running import Result, commit, edited, git, run
from tests.support.environments import replaced, repository
from tests.support.fakepulumi.control import PRELUDE, FakePulumi, error

VPC = "urn:pulumi:dev::bedplate::bedplate:network:Network$aws:ec2/vpc:Vpc::network-vpc"
NETWORK = "urn:pulumi:dev::bedplate::bedplate:network:Network::network"
STRANGER = "urn:pulumi:dev::bedplate::aws:ec2/subnet:Subnet::long-gone"
DELETED = {"summaryEvent": {"resourceChanges": {"delete": 3}}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A platform repository whose `dev` was applied."""
    made = repository(tmp_path / "root")
    commit(made, "first")
    git(made, "update-ref", "refs/bedplate/applied/dev", "HEAD")
    return made


def destroy(root: Path, *args: str) -> Result:
    return run("destroy", "dev", "--root", str(root), *args)


def test_the_names_in_these_tests_are_those_of_the_program(root: Path) -> None:
    urns = {resource.urn for resource in recorded(load(root, "dev"))}
    assert {VPC, NETWORK} <= urns


def test_a_destroy_deletes_everything_and_forgets_the_stack_and_what_was_applied(
    pulumi: FakePulumi, root: Path
) -> None:
    pulumi.stack("dev")
    pulumi.answer("destroy", [PRELUDE, DELETED])
    found = destroy(root, "--confirm", "dev", "--json")
    assert (found.code, pulumi.runs()) == (0, ["destroy", "stack rm"])
    assert found.json["operations"] == {"delete": 3}
    assert found.json["verdict"].endswith("s: 3 deleted, nothing left")
    assert last_applied(root, "dev") is None


def test_the_verdict_is_all_that_stands_on_stdout(pulumi: FakePulumi, root: Path) -> None:
    pulumi.stack("dev")
    pulumi.answer("destroy", [PRELUDE, DELETED])
    found = destroy(root, "--confirm", "dev")
    assert found.out.startswith("dev: destroyed in ")
    assert found.out.count("\n") == 1
    assert found.err == "dev: destroying …\n"


def test_where_there_is_no_stack_there_is_nothing_to_destroy(pulumi: FakePulumi, root: Path) -> None:
    found = destroy(root, "--confirm", "dev")
    assert (found.code, found.out, pulumi.runs()) == (0, "dev: there is nothing to destroy\n", [])


def refused(pulumi: FakePulumi, root: Path, *args: str, code: int) -> str:
    """What is said of a destroy that must end with `code` before anything is deleted."""
    pulumi.stack("dev", VPC)
    found = destroy(root, *args)
    assert (found.code, found.out, pulumi.runs()) == (code, "", [])
    return found.err


@pytest.mark.parametrize("name", ["prod", "DEV", "de", ""])
def test_another_name_is_refused(pulumi: FakePulumi, root: Path, name: str) -> None:
    text = refused(pulumi, root, "--confirm", name, code=2)
    assert text == f"error: {name!r} is not 'dev'; nothing was changed\n"


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        ("prod\n", 2, "error: 'prod' is not 'dev'; nothing was changed\n"),
        ("\n", 2, "error: '' is not 'dev'; nothing was changed\n"),
        ("", 130, "error: nobody answered, and nothing was changed; --confirm NAME does not ask\n"),
    ],
)
def test_people_are_asked_for_the_name(
    pulumi: FakePulumi, root: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, message: str
) -> None:
    given = root.parent / "answer"
    given.write_text(answer, encoding="utf-8")
    with given.open(encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        text = refused(pulumi, root, code=code)
    assert text.startswith("name of the environment to destroy (dev): ")
    assert text.endswith(message)


def changed(folder: Path, change: Callable[[Json], Json]) -> Path:
    root = edited(folder / "changed", change)
    commit(root, "changed")
    return root


def test_production_is_refused(pulumi: FakePulumi, tmp_path: Path) -> None:
    state = {"backend": "s3://state?region=us-east-1", "secretsProvider": "awskms://alias/state?region=us-east-1"}
    root = changed(tmp_path, lambda document: replaced(replaced(document, "tier", "production"), "state", state))
    text = refused(pulumi, root, "--confirm", "dev", code=1)
    assert text == "error: dev is production; change its tier in a reviewed commit before it can be destroyed\n"


def test_protected_data_is_refused_and_named(pulumi: FakePulumi, tmp_path: Path) -> None:
    root = changed(tmp_path, lambda document: replaced(document, "tier", "staging"))
    text = refused(pulumi, root, "--confirm", "dev", code=1)
    assert "s3.Bucket weights-bucket" in text
    assert text.endswith("is protected; take the protection away with an apply of its own first\n")


def test_a_destroy_that_fails_says_why_and_which_objects_are_left(pulumi: FakePulumi, root: Path) -> None:
    pulumi.stack("dev", VPC, NETWORK, STRANGER)
    pulumi.answer("destroy", [PRELUDE, error("it has dependencies", VPC), error("destroy failed")], exit_code=255)
    found = destroy(root, "--confirm", "dev", "--json")
    assert (found.code, pulumi.runs()) == (1, ["destroy"])
    assert found.json["message"] == (
        "error: dev is not destroyed whole; mend the cause and run `bedplate destroy dev` again\n"
        "  ec2.Vpc network-vpc: it has dependencies\n"
        "  left: long-gone\n"
        "  left: ec2.Vpc network-vpc"
    )
    assert last_applied(root, "dev") is not None


def test_a_destroy_that_leaves_something_behind_is_no_success(pulumi: FakePulumi, root: Path) -> None:
    pulumi.stack("dev", NETWORK)
    pulumi.answer("destroy", [PRELUDE, DELETED])
    found = destroy(root, "--confirm", "dev")
    assert found.code == 1
    assert found.err.endswith("  left: Network network\n")


def test_without_pulumi_doctor_is_named(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = destroy(root, "--confirm", "dev")
    assert (found.code, found.err) == (1, "error: pulumi is not on PATH; `bedplate doctor` says how to get it\n")
