"""Which state may lie in a folder although the environment names another place for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.cli.applying import open_engine
from bedplate.cli.first_state import comes_before_the_bucket
from bedplate.environment.environment import Environment
from bedplate.environment.load import load
from tests.invalid.cases import begin
from tests.support.environments import read, replaced, repository, write
from tests.support.fakepulumi.control import FakePulumi

FOLDER = "file:///first"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = repository(tmp_path / "platform")
    begin("bootstrap", made)
    return made


def environment(root: Path, *, makes_bucket: bool = True) -> Environment:
    if not makes_bucket:
        data = read(root, "environments/dev.yaml")
        write(root, "environments/dev.yaml", replaced(data, "bootstrap.stateBucket", None))
    return load(root, "dev").environment


def test_the_layer_that_makes_the_bucket_may_keep_its_state_in_a_folder(root: Path) -> None:
    assert comes_before_the_bucket(environment(root), "dev.bootstrap", FOLDER)


@pytest.mark.parametrize(
    ("stack", "backend"),
    [
        ("dev.cluster", FOLDER),
        ("dev", FOLDER),
        ("dev.bootstrap", "s3://another"),
        ("dev.bootstrap", "https://api.pulumi.com"),
    ],
)
def test_no_other_layer_and_no_other_place_is_an_exception(root: Path, stack: str, backend: str) -> None:
    assert not comes_before_the_bucket(environment(root), stack, backend)


def test_where_somebody_else_keeps_the_bucket_there_is_no_exception(root: Path) -> None:
    assert not comes_before_the_bucket(environment(root, makes_bucket=False), "dev.bootstrap", FOLDER)


@pytest.mark.parametrize(
    ("stack", "backend", "secrets"),
    [
        ("dev.bootstrap", FOLDER, "passphrase"),
        ("dev.cluster", FOLDER, "awskms://alias/example-state-dev?region=us-east-1"),
        ("dev.bootstrap", None, "awskms://alias/example-state-dev?region=us-east-1"),
    ],
)
def test_before_there_is_a_key_a_passphrase_encrypts(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stack: str, backend: str | None, secrets: str
) -> None:
    fake = FakePulumi(tmp_path / "fake")
    monkeypatch.setenv("PATH", str(fake.programs))
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    if backend is not None:
        monkeypatch.setenv("PULUMI_BACKEND_URL", backend)

    with open_engine(root, environment(root), stack) as engine:
        engine.select_stack()

    made = [call for call in fake.calls() if call[:2] == ["stack", "init"]]
    assert [call[call.index("--secrets-provider") + 1] for call in made] == [secrets]
