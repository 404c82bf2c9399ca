"""`bedplate upgrade --run` with a fake engine and a server that answers as an API server does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bedplate.cli.pipeline import recorded
from bedplate.cli.step_changes import changed_resources, layers_of
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.output.schemas import schema
from tests.cli.running import Result, commit, git, run
from tests.cli.test_gates import HEALTHY
from tests.support.apiserver import TOKEN, ApiServer, api_server
from tests.support.delivery import hand_over
from tests.support.fakepulumi.control import FakePulumi, error, steps
from tests.upgrade.repositories import FILE, edit_file, small

NOW = ("--now", "2026-11-21")
LAST = "baseline: 2026.11, and nothing beside it"


class Answers(dict[str, Any]):
    """A cluster whose API server has the version that `version` tells."""

    version: Callable[[], str] = staticmethod(lambda: "v1.35.4")

    def get(self, key: str, default: Any = None) -> Any:
        return {"gitVersion": self.version()} if key == "/version" else super().get(key, default)


class Place:
    """`dev` on the older baseline, with a history, an engine and a cluster."""

    def __init__(self, root: Path, pulumi: FakePulumi, server: ApiServer) -> None:
        self.root = root
        self.pulumi = pulumi
        self.server = server
        self.answers = Answers(HEALTHY)
        server.serve(self.answers)

    def upgrade(self, *args: str) -> Result:
        return upgrade(self.root, *args)

    def run(self, *args: str) -> Result:
        """Run without being asked and without patience."""
        file = self.server.kubeconfig({"token": TOKEN})
        return self.upgrade("--run", "--yes", "--gate-minutes", "0", "--kubeconfig", str(file), *args)

    def take_all_but(self, left: int) -> None:
        take_all_but(self.root, left)

    def engine_agrees(self) -> None:
        """Let the engine find everything as the files say."""
        self.pulumi.answer("preview", steps(recorded(load(self.root, "dev")), "same"))

    def is_applied(self) -> None:
        """Let what stands here be what was applied last."""
        git(self.root, "update-ref", "refs/bedplate/applied/dev", "HEAD")

    def subject(self) -> str:
        return git(self.root, "log", "-1", "--format=%s")


def begun(folder: Path) -> Path:
    """The repository before the first step."""
    root = small(folder)
    edit_file(root, "baseline:", "gpuBaseline: {health: {settleMinutes: 0}}\nbaseline:")
    commit(root, "base")
    return root


def upgrade(root: Path, *args: str) -> Result:
    return run("upgrade", "dev", "--root", str(root), *NOW, *args)


def take_all_but(root: Path, left: int) -> None:
    """Commit steps by hand until `left` are to go."""
    for _ in range(len(upgrade(root, "--json").json["steps"]) - left):
        assert upgrade(root, "--next", "--commit", "--done-by-hand").code == 0


@pytest.fixture(scope="module", autouse=True)
def _author() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Ada")
            patch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
        yield


@pytest.fixture(scope="module")
def two_left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with two steps to go. Each test takes a copy."""
    root = begun(tmp_path_factory.mktemp("two-left"))
    take_all_but(root, 2)
    return root


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    with api_server(tmp_path, HEALTHY) as made:
        yield made


@pytest.fixture
def place(tmp_path: Path, pulumi: FakePulumi, server: ApiServer) -> Place:
    return Place(begun(tmp_path / "root"), pulumi, server)


@pytest.fixture
def late(tmp_path: Path, pulumi: FakePulumi, server: ApiServer, two_left: Path) -> Place:
    """Where two steps are to go."""
    return Place(shutil.copytree(two_left, tmp_path / "root"), pulumi, server)


def test_a_run_takes_what_is_left_and_arrives(late: Place) -> None:
    late.take_all_but(1)
    late.engine_agrees()
    found = late.run("--json")
    assert found.code == 0, found.err
    Draft202012Validator(schema("upgrade-run")).validate(found.json)
    assert found.json["verdict"] == "dev: at baseline 2026.11, 1 step taken"
    (step,) = found.json["steps"]
    assert (step["id"], step["result"], step["layers"]) == ("baseline", "taken", [])
    assert step["commit"] == git(late.root, "rev-parse", "HEAD")
    assert late.pulumi.runs().count("preview") == 1, "what stood was looked at, and the last step changes nothing"


def test_a_step_is_applied_with_its_lock_and_the_run_ends_where_it_was_asked_to(late: Place) -> None:
    assert run("lock", "dev", "--root", str(late.root)).code == 0
    commit(late.root, "lock")
    late.is_applied()
    (next_, _) = late.upgrade("--json").json["steps"]
    assert late.upgrade("--next").code == 0
    assert run("lock", "dev", "--root", str(late.root)).code == 0
    late.engine_agrees()
    git(late.root, "checkout", "--", "environments")

    found = late.run("--until", next_["id"])
    assert found.code == 0, found.err
    lines = found.out.splitlines()
    assert lines[0] == "dev: 1 step taken, as far as was asked for; 1 step to go"
    assert lines[1].startswith(f"  taken      {next_['title']} (platform")
    assert lines[-1] == "next: bedplate upgrade dev --to 2026.11 --run"
    changed = git(late.root, "show", "--format=", "--name-only").splitlines()
    assert changed == ["environments/dev.lock.yaml", FILE]
    assert run("lock", "dev", "--check", "--root", str(late.root)).code == 0
    again = late.run("--until", next_["id"])
    assert again.out.splitlines()[0] == "dev: 0 steps taken, as far as was asked for; 1 step to go"


def test_gates_that_are_shut_before_the_first_step_stop_the_run(late: Place) -> None:
    late.take_all_but(1)
    late.is_applied()
    edit_file(late.root, "Small models on trial", "Small models on trial, still")
    commit(late.root, "other words")
    late.engine_agrees()
    late.answers.version = lambda: "v1.34.9"
    found = late.run("--json")
    assert found.code == 1
    assert found.json["outcome"] == "stopped"
    assert found.json["verdict"] == "dev: stopped before baseline; 1 step to go"
    assert found.json["reason"] == ("gates stayed shut: the API server runs Kubernetes 1.35: it runs v1.34.9 (closed)")
    assert [gate["verdict"] for gate in found.json["gates"]] == ["closed"]
    assert late.subject() == "other words"


def test_a_step_whose_gates_stay_shut_is_taken_back_to_the_byte(late: Place) -> None:
    late.take_all_but(1)
    late.engine_agrees()
    before = (late.root / FILE).read_bytes()
    late.answers.version = lambda: "v1.34.9" if late.subject() == f"Upgrade dev: {LAST}" else "v1.35.4"
    found = late.run("--json")
    assert found.code == 1, found.out
    assert found.json["verdict"] == (
        "dev: baseline failed and was taken back: everything is as it was before it; 1 step to go"
    )
    assert "it runs v1.34.9" in found.json["reason"]
    assert (late.root / FILE).read_bytes() == before
    assert late.subject() == f"Take back dev: {LAST}"
    assert git(late.root, "status", "--porcelain") == ""


def test_a_step_that_was_interrupted_is_watched_and_taken_back_by_the_next_run(late: Place) -> None:
    late.take_all_but(1)
    late.is_applied()
    before = (late.root / FILE).read_bytes()
    late.take_all_but(0)
    late.engine_agrees()
    late.answers.version = lambda: "v1.35.4" if late.subject().startswith("Take back") else "v1.34.9"
    found = late.run("--json")
    assert (found.code, found.json["outcome"]) == (1, "takenBack"), found.err
    assert (late.root / FILE).read_bytes() == before


def test_a_control_plane_is_not_taken_back(place: Place) -> None:
    place.is_applied()
    assert place.upgrade("--next", "--commit").code == 0
    place.is_applied()
    place.answers.version = lambda: "v1.34.9"
    found = place.run()
    assert found.code == 1
    lines = found.out.splitlines()
    assert lines[0].startswith("dev: control-plane-1.35 failed and is not taken back; ")
    assert "  back       the control plane goes back within 7 days only, after nodes and add-ons went back" in lines
    assert place.subject().startswith("Upgrade dev: control plane")


def test_where_taking_back_fails_too_both_reasons_are_said(late: Place) -> None:
    late.is_applied()
    late.pulumi.answer("preview", [error("no credentials")], exit_code=255)
    found = late.run("--json")
    assert (found.code, found.json["outcome"]) == (1, "stuck"), found.err
    assert found.json["reason"].count("no credentials") == 2
    assert "; taking it back failed too: " in found.json["reason"]
    assert found.json["wayBack"] == "the files are as they were before it; mend the cause, and run this again"
    assert late.subject().startswith("Take back dev: ")


def test_a_step_that_cannot_be_committed_leaves_the_files_as_they_were(late: Place) -> None:
    late.take_all_but(1)
    late.is_applied()
    hook = late.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no commits today >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    found = late.run("--json")
    assert (found.code, found.json["outcome"]) == (1, "stopped"), found.err
    assert found.json["reason"] == "git commit: no commits today"
    assert git(late.root, "status", "--porcelain") == ""


def test_what_changes_is_told_by_layer_whoever_applies_it(place: Place) -> None:
    graph = recorded(load(place.root, "dev"))
    one = next(item for item in graph if item.is_kubernetes and item.layer == "platform")
    moved = [replace(item, writer="argocd") if item is one else item for item in graph]
    assert changed_resources({"dev": graph}, {"dev": graph}) == ()
    changed = changed_resources({"dev": graph}, {"dev": Graph(environment="dev", resources=moved)})
    assert [(item.name, item.writer) for item in changed] == [(one.name, "argocd")]
    assert layers_of(changed) == ("platform",)


def test_a_step_whose_objects_somebody_else_applies_is_left_to_people(place: Place) -> None:
    hand_over(place.root, "argocd", "platform", "models")
    edit_file(place.root, '"3.5.3"', '"3.4.4"')
    edit_file(place.root, '"1.9.1"', '"1.9.0"')
    commit(place.root, "delivered by Argo CD")
    place.take_all_but(2)
    place.is_applied()
    found = place.run("--json")
    assert (found.code, found.json["outcome"]) == (1, "stopped"), found.err
    assert re.fullmatch(
        r"part-vllm changes \d+ objects? that argocd applies: take it with --next --commit, commit what `bedplate "
        r"manifests dev` writes, let argocd apply it, and run this again",
        found.json["reason"],
    )
    assert git(place.root, "status", "--porcelain") == ""


def test_a_step_that_does_not_exist_is_an_input_error(place: Place) -> None:
    found = place.run("--until", "pool-h100")
    assert found.code == 2
    assert "--until pool-h100: there is no such step; those to go are control-plane-1.35, pool-" in found.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--until", "baseline"), "--until and --yes go with --run"),
        (("--run", "--commit"), "--commit goes with --next; --run commits every step"),
        (("--run", "--next"), "--next writes one step, --run takes one after the other: one at a time"),
        (("--run", "--check-gates"), "--check-gates looks at the step that was taken, the others take one"),
        (("--done-by-hand",), "--done-by-hand goes with --next or --run"),
        (("--context", "a"), "--kubeconfig and --context go with --check-gates or --run"),
    ],
)
def test_options_that_do_not_go_together_say_so(arguments: tuple[str, ...], message: str) -> None:
    found = run("upgrade", "dev", *arguments)
    assert found.code == 2
    assert message in found.err
