"""A state moves when it is whole, free of secrets, and nothing else is in its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import run
from tests.invalid.cases import begin
from tests.support.environments import repository
from tests.support.fakepulumi.control import FakePulumi

SOURCE = "file:///first"
BACKEND = "s3://example-state-dev?region=us-east-1"
STACK = "dev.bootstrap"
URN = "urn:pulumi:dev.bootstrap::bedplate::aws:s3/bucket:Bucket::state"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}


@pytest.fixture
def pulumi(pulumi: FakePulumi, monkeypatch: pytest.MonkeyPatch) -> FakePulumi:
    # Whatever is set: a move names both places itself.
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///elsewhere")
    return pulumi


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = repository(tmp_path / "platform")
    begin("bootstrap", made)
    return made


def move(root: Path, stack: str = STACK, source: str = SOURCE) -> tuple[int, str]:
    result = run("move", stack, "--from", source, "--root", str(root))
    return result.code, result.out + result.err


def test_a_state_arrives_whole_and_without_what_encrypted_nothing(pulumi: FakePulumi, root: Path) -> None:
    pulumi.state(SOURCE, STACK, {"urn": URN, "type": "aws:s3/bucket:Bucket"}, secrets_providers={"type": "passphrase"})

    result = run("move", STACK, "--from", SOURCE, "--root", str(root), "--json")

    assert result.code == 0, result.err
    assert (result.json["resources"], result.json["backend"]) == (1, BACKEND)
    arrived = pulumi.held(BACKEND, STACK)
    assert [item["urn"] for item in arrived["resources"]] == [URN]
    assert "secrets_providers" not in arrived
    assert pulumi.backends() == {SOURCE, BACKEND}


def test_what_is_already_there_is_not_forgotten(pulumi: FakePulumi, root: Path) -> None:
    pulumi.state(SOURCE, STACK, {"urn": URN, "type": "aws:s3/bucket:Bucket"})
    pulumi.state(BACKEND, STACK, {"urn": f"{URN}-2", "type": "aws:s3/bucket:Bucket"})

    code, said = move(root)

    assert code == 7
    assert f"{BACKEND} holds resources of dev.bootstrap already, and they would be forgotten" in said
    assert [item["urn"] for item in pulumi.held(BACKEND, STACK)["resources"]] == [f"{URN}-2"]


@pytest.mark.parametrize("where", ["inputs", "outputs"])
def test_secrets_are_not_moved(pulumi: FakePulumi, root: Path, where: str) -> None:
    item: dict[str, Any] = {"urn": URN, "type": "aws:s3/bucket:Bucket", where: {"a": [{"b": SECRET}]}}
    pulumi.state(SOURCE, STACK, item)

    code, said = move(root)

    assert code == 2
    assert "dev.bootstrap holds secrets, which another key would have to encrypt anew" in said
    assert pulumi.held(BACKEND, STACK) == {}


def test_a_state_that_was_cut_off_is_finished_first(pulumi: FakePulumi, root: Path) -> None:
    item = {"urn": URN, "type": "aws:s3/bucket:Bucket"}
    pulumi.state(SOURCE, STACK, item, pending_operations=[{"type": "creating"}])

    code, said = move(root)

    assert code == 7
    assert "an apply of dev.bootstrap was cut off" in said


@pytest.mark.parametrize(
    ("stack", "source", "message"),
    [
        (STACK, SOURCE, f"{SOURCE} holds nothing of dev.bootstrap"),
        (STACK, BACKEND, f"dev.bootstrap belongs in {BACKEND}: there is nowhere to move it to"),
        ("dev", SOURCE, "there is no stack dev: dev has dev.bootstrap, dev.cluster, dev.platform, dev.models"),
    ],
)
def test_there_must_be_something_to_move_and_somewhere_to_move_it(
    pulumi: FakePulumi, root: Path, stack: str, source: str, message: str
) -> None:
    code, said = move(root, stack, source)

    assert (code, message in said) == (2, True)
    assert not [call for call in pulumi.calls() if call[:2] == ["stack", "import"]]


def test_a_state_that_does_not_arrive_is_still_where_it_was(pulumi: FakePulumi, root: Path) -> None:
    pulumi.state(SOURCE, STACK, {"urn": URN, "type": "aws:s3/bucket:Bucket"})
    pulumi.loses_imports()

    code, said = move(root)

    assert code == 7
    assert f"dev.bootstrap did not arrive whole in {BACKEND}; it is still in {SOURCE}" in said
    assert json.dumps(pulumi.held(SOURCE, STACK)).count(URN) == 1
