"""The bootstrap layer on the real engine: state in a folder first, in the bucket then, and roles that can work there.

The tests of this module tell one story and run in the order in which they stand.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from tests.contracts.account import ROLE
from tests.invalid.cases import begin
from tests.support.engine import EngineSandbox, platform_copy
from tests.support.environments import ROOT, repository
from tests.support.fakestate.server import FakeState

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("bootstrap")]

BUCKET, ALIAS = "example-state-dev", "alias/example-state-dev"
# S3 is asked by path where it is no service of its own.
BACKEND = f"s3://{BUCKET}?region=us-east-1"
BY_PATH = f"{BACKEND}&use_path_style=true"
ADMINISTRATOR = "administrator"
LAYERS = ("cluster", "platform", "models")


@dataclass(frozen=True)
class Place:
    """A platform repository, a sandboxed engine, and a bucket with a key."""

    root: Path
    sandbox: EngineSandbox
    state: FakeState
    first: str

    def bedplate(self, *args: str, backend: str | None = None, check: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the command line as an administrator, with PULUMI_BACKEND_URL set where `backend` is given."""
        # This checkout, whichever one the interpreter has installed.
        env = {**self.sandbox.env, **self.state.env(ADMINISTRATOR), "PYTHONPATH": str(ROOT)}
        env.pop("PULUMI_BACKEND_URL")
        if backend is not None:
            env["PULUMI_BACKEND_URL"] = backend
        argv = [sys.executable, "-m", "bedplate.cli.main", *args]
        done = subprocess.run(argv, cwd=self.root, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == check, f"{done.stdout}\n{done.stderr}"
        return done

    def apply(self, *, backend: str | None = None) -> Mapping[str, int]:
        """Apply the bootstrap layer; operations by their count."""
        args = ("apply", "dev", "--layers", "bootstrap", "--yes", "--json")
        result: dict[str, Any] = json.loads(self.bedplate(*args, backend=backend).stdout)
        operations: Mapping[str, int] = result["operations"]
        return operations

    def pulumi(self, who: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Run Pulumi's own command against the bucket, with the rights of a role."""
        env = {**self.sandbox.env, **self.state.env(who), "PULUMI_BACKEND_URL": BY_PATH}
        argv = [str(self.sandbox.root / "bin" / "pulumi"), *args, "--non-interactive"]
        return subprocess.run(argv, cwd=self.root, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("bootstrap")
    environments = repository(folder / "edited")
    begin("bootstrap", environments)
    text = (environments / "environments/dev.yaml").read_text(encoding="utf-8")
    assert text.count(BACKEND) == 1
    (environments / "environments/dev.yaml").write_text(text.replace(BACKEND, BY_PATH), encoding="utf-8")
    root = platform_copy(ROOT, folder / "platform", environments=environments / "environments")
    with EngineSandbox() as sandbox, FakeState(BUCKET, ALIAS) as state:
        first = folder / "first"
        first.mkdir()
        yield Place(root, sandbox, state, f"file://{first}")


def test_the_first_apply_keeps_its_state_in_a_folder(place: Place) -> None:
    made = place.apply(backend=place.first)

    assert made["create"] == sum(1 for item in recorded(load(place.root, "dev")) if item.stack == "dev.bootstrap")
    assert place.state.objects == {}


def test_its_state_moves_to_the_bucket_and_is_complete_there(place: Place) -> None:
    said = place.bedplate("move", "dev.bootstrap", "--from", place.first).stdout

    assert "resources moved to" in said
    assert ".pulumi/stacks/bedplate/dev.bootstrap.json" in place.state.objects


def test_a_second_move_would_overwrite_and_is_refused(place: Place) -> None:
    refused = place.bedplate("move", "dev.bootstrap", "--from", place.first, check=7).stderr

    assert "holds resources of dev.bootstrap already, and they would be forgotten" in refused


def test_an_apply_from_the_bucket_changes_nothing(place: Place) -> None:
    before = place.sandbox.aws.journal()

    assert place.apply() == {}
    assert place.sandbox.aws.journal() == before


def rules(place: Place) -> dict[str, list[str]]:
    """Policies of every role that bootstrap made."""
    graph = recorded(load(place.root, "dev"))
    found: dict[str, list[str]] = {role.inputs["name"]: [] for role in graph.of_type(ROLE) if role.layer == "bootstrap"}
    for item in graph.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        if item.inputs["role"] in found:
            policies = [graph[urn] for urn in item.property_dependencies["policyArn"] if "policy:Policy" in urn]
            found[item.inputs["role"]] += [policy.inputs["policy"] for policy in policies]
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_the_role_of_a_layer_makes_updates_and_removes_its_own_stack(place: Place, layer: str) -> None:
    place.state.rules = rules(place)
    place.state.refused.clear()
    stack, key = f"dev.{layer}", f"awskms://{ALIAS}?region=us-east-1"

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return place.pulumi(f"bedplate-dev-deploy-{layer}", *args, "--stack", stack)

    absent = run("stack", "export")
    made = place.pulumi(f"bedplate-dev-deploy-{layer}", "stack", "init", stack, "--secrets-provider", key)
    updated = run("refresh", "--yes", "--skip-preview")
    (place.root / "state.json").write_text(run("stack", "export").stdout, encoding="utf-8")
    imported = run("stack", "import", "--file", "state.json")
    written = {name.split("/")[1] for name in place.state.objects if stack in name}
    removed = run("stack", "rm", "--yes", "--preserve-config")

    assert absent.returncode == 6, absent.stderr
    for done in (made, updated, imported, removed):
        assert done.returncode == 0, done.stderr
    assert written == {"backups", "history", "stacks"}
    assert place.state.refused == []


@pytest.mark.parametrize("duty", ["plan", *LAYERS])
def test_no_other_role_writes_the_bootstrap_stack(place: Place, duty: str) -> None:
    place.state.rules = rules(place)
    before = dict(place.state.objects)
    removed = place.pulumi(f"bedplate-dev-deploy-{duty}", "stack", "rm", "dev.bootstrap", "--yes", "--force")

    assert removed.returncode != 0
    assert place.state.objects == before


def test_a_plan_reads_the_state_of_any_layer(place: Place) -> None:
    place.state.rules = rules(place)
    place.state.refused.clear()
    read = place.pulumi("bedplate-dev-deploy-plan", "stack", "export", "--stack", "dev.bootstrap")

    assert read.returncode == 0, read.stderr
    assert place.state.refused == []


def test_the_commands_of_the_how_to_move_a_state_by_hand(place: Place) -> None:
    """Also where it holds secrets, which are encrypted anew: the last command does that."""
    key = f"awskms://{ALIAS}?region=us-east-1"

    def run(*args: str, backend: str) -> str:
        env = {**place.sandbox.env, **place.state.env(ADMINISTRATOR), "PULUMI_BACKEND_URL": backend}
        argv = [str(place.sandbox.root / "bin" / "pulumi"), *args, "--non-interactive"]
        done = subprocess.run(argv, cwd=place.root, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("stack", "init", "dev.models", "--secrets-provider", "passphrase", backend=place.first)
    run("stack", "export", "--stack", "dev.models", "--file", "state.json", backend=place.first)
    run("stack", "init", "dev.models", "--secrets-provider", key, backend=BY_PATH)
    run("stack", "import", "--stack", "dev.models", "--file", "state.json", backend=BY_PATH)
    run("stack", "change-secrets-provider", "--stack", "dev.models", key, backend=BY_PATH)

    moved = json.loads(run("stack", "export", "--stack", "dev.models", backend=BY_PATH))
    assert moved["deployment"]["secrets_providers"]["type"] == "cloud"
