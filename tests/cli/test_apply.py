"""Every gate of `bedplate apply`, with a fake engine behind: what does not open stops before anything is touched."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from bedplate.cli.base import last_applied
from bedplate.cli.pipeline import recorded
from bedplate.environment.load import load
from bedplate.graph.graph import Graph
from bedplate.graph.values import Json
from tests.cli.running import Result, commit, git, run
from tests.support.environments import dev_recorded, read, replaced, repository, write
from tests.support.fakepulumi.control import PRELUDE, FakePulumi, LogLine, error, steps
from tests.support.foreground import start
from tests.support.polling import poll

DEV = "environments/dev.yaml"
GONE = "urn:pulumi:dev::bedplate::aws:ec2/subnet:Subnet::long-gone"
SECONDS = 180.0
SECRET = "correct-horse-4711"


class Place:
    """A platform repository with a history, and the engine that it is applied with."""

    def __init__(self, root: Path, pulumi: FakePulumi) -> None:
        self.root = root
        self.pulumi = pulumi
        self.first = commit(root, "first")

    def edit(self, path: str, value: Json) -> None:
        """Change one value of `dev`."""
        write(self.root, DEV, replaced(read(self.root, DEV), path, value))

    def graph(self) -> Graph:
        """What the program registers once `dev` was edited; before, that is `dev_recorded()`."""
        return recorded(load(self.root, "dev"))

    def engine_would(self, *phase: LogLine) -> None:
        """Let the engine's preview show `phase`, and its update do the same."""
        self.pulumi.answer("preview", phase)
        self.pulumi.answer("up", phase, phase)

    def apply(self, *args: str) -> Result:
        """Apply `dev` without being asked."""
        return run("apply", "dev", "--yes", "--root", str(self.root), *args)

    def plan(self, *args: str) -> Path:
        """Write a plan file."""
        file = self.root.parent / "plan.json"
        assert run("plan", "dev", "--root", str(self.root), "--out", str(file), *args).code == 0
        return file

    def is_applied(self) -> Place:
        """Let the commit that stands here be what was applied last."""
        self.pulumi.stack("dev", *(item.urn for item in dev_recorded()))
        git(self.root, "update-ref", "refs/bedplate/applied/dev", "HEAD")
        return self


@pytest.fixture
def place(tmp_path: Path, pulumi: FakePulumi, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", SECRET)
    return Place(repository(tmp_path / "root"), pulumi)


def test_a_first_apply_makes_the_stack_previews_and_updates_with_the_previewed_plan(place: Place) -> None:
    place.engine_would(*steps(dev_recorded()))
    found = place.apply("--json")
    count = len(dev_recorded())
    assert (found.code, place.pulumi.runs()) == (0, ["stack init", "preview", "up"])
    assert found.json["operations"] == {"create": count}
    assert found.json["verdict"].endswith(f"s: {count} create")
    preview, up = place.pulumi.calls()[-2:]
    assert up[up.index("--plan") + 1] == preview[preview.index("--save-plan") + 1]


def test_people_see_on_stderr_what_is_going_on_and_the_verdict_on_stdout(place: Place) -> None:
    place.engine_would(*steps(dev_recorded()))
    found = place.apply()
    assert found.out.startswith("dev: applied in ")
    assert found.out.count("\n") == 1
    assert found.err.splitlines()[-2:] == ["dev: asking the engine …", "dev: applying …"]
    assert SECRET not in found.out + found.err


def test_what_was_applied_is_remembered_as_the_base_of_the_next_plan(place: Place) -> None:
    place.engine_would(*steps(dev_recorded()))
    place.apply()
    assert last_applied(place.root, "dev") == place.first
    assert "(last applied)" in run("plan", "dev", "--root", str(place.root)).out.splitlines()[1]


def test_a_working_tree_that_is_no_commit_is_applied_and_not_remembered(place: Place) -> None:
    place.is_applied().edit("nodePools[l4].size.max", 3)
    place.engine_would(*steps(place.graph(), "same", {urn_of("l4-nodes"): "update"}))
    assert place.apply().code == 0
    assert last_applied(place.root, "dev") is None


def urn_of(name: str) -> str:
    (urn,) = [resource.urn for resource in dev_recorded() if resource.name == name and resource.custom]
    return urn


def test_where_the_engine_has_nothing_to_do_no_update_is_run(place: Place) -> None:
    place.is_applied().engine_would(*steps(dev_recorded(), "same"))
    found = place.apply()
    assert (found.code, place.pulumi.runs()) == (0, ["preview"])
    assert found.out == f"dev: nothing to do, {len(dev_recorded())} resources are as planned\n"


def refused(place: Place, *args: str, code: int) -> str:
    """What is said of an apply that must end with `code` before any update."""
    found = place.apply(*args)
    assert (found.code, found.out) == (code, ""), found.err
    assert not {"up", "destroy"} & set(place.pulumi.runs())
    return found.err


def test_a_plan_that_is_over_budget_stops_before_the_engine_is_asked(place: Place) -> None:
    place.edit("cost.monthlyBudget", "1.00")
    text = refused(place, code=5)
    assert text.startswith("error: dev may not be applied: ")
    assert text.endswith("above the budget of USD 1.00. `bedplate plan dev` shows the whole\n")
    assert place.pulumi.runs() == []


def test_a_plan_that_breaks_a_mandatory_policy_stops_before_the_engine_is_asked(place: Place) -> None:
    level = {"policy": "workloads/images-pinned", "level": "mandatory", "reason": "written by a test"}
    place.edit("policies", {"levels": [level]})
    assert "policy finding" in refused(place, code=4)
    assert place.pulumi.runs() == []


def test_an_environment_that_does_not_load_stops_before_the_engine_is_asked(place: Place) -> None:
    place.edit("tier", "prodution")
    assert "environments/dev.yaml:" in refused(place, code=2)
    assert place.pulumi.calls() == []


def test_without_pulumi_nothing_is_touched_and_doctor_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    git_only = place.root.parent / "bin"
    git_only.mkdir()
    monkeypatch.setenv("PATH", str(git_only))
    assert refused(place, code=1) == "error: pulumi is not on PATH; `bedplate doctor` says how to get it\n"


def test_words_of_a_command_that_fails_are_passed_on_and_are_no_defect(place: Place) -> None:
    place.pulumi.refuse("ls", "no such bucket")
    assert refused(place, code=1).endswith("error: pulumi stack ls: error: no such bucket\n")


def test_a_preview_that_fails_changes_nothing_and_names_the_resource(place: Place) -> None:
    urn = urn_of("network-vpc")
    place.pulumi.answer("preview", [PRELUDE, error("cidrBlock is wrong", urn), error("preview failed")], exit_code=255)
    text = refused(place, code=1)
    assert (
        "error: the engine cannot preview dev; nothing was changed\n  ec2.Vpc network-vpc: cidrBlock is wrong\n" in text
    )


def test_an_update_that_fails_names_resource_reason_and_next_step_and_is_not_remembered(place: Place) -> None:
    place.engine_would(*steps(dev_recorded()))
    urn = urn_of("network-vpc")
    failed = {"resOpFailedEvent": {"metadata": {"op": "create", "urn": urn}}}
    place.pulumi.answer(
        "up", [PRELUDE], [PRELUDE, failed, error("no room", urn), error("update failed")], exit_code=255
    )
    found = place.apply("--json")
    assert found.code == 1
    assert found.json["message"] == (
        "error: dev is applied in part; mend the cause and run `bedplate apply dev` again\n"
        "  ec2.Vpc network-vpc: no room"
    )
    assert "failed: create ec2.Vpc network-vpc\n" in found.err
    assert last_applied(place.root, "dev") is None


def test_an_update_that_does_not_begin_leaves_everything_as_it_was(place: Place) -> None:
    place.engine_would(*steps(dev_recorded()))
    place.pulumi.answer("up", [PRELUDE], output="error: the stack is locked", exit_code=255)
    found = place.apply()
    assert found.code == 1
    assert "dev is as it was; mend the cause and run `bedplate apply dev` again\n  the stack is locked\n" in found.err


def test_an_operation_that_the_plan_does_not_show_is_refused(place: Place) -> None:
    place.is_applied().engine_would(*steps(dev_recorded(), "same", {GONE: "delete"}))
    text = refused(place, code=7)
    assert "  long-gone: the engine would delete it, and the plan does not show that\n" in text
    assert f"the plan compares with {place.first[:7]} (last applied); " in text


def test_a_deletion_on_top_of_a_first_apply_is_refused(place: Place) -> None:
    place.engine_would(*steps(dev_recorded(), "create", {GONE: "delete"}))
    assert "long-gone: the engine would delete it" in refused(place, code=7)


def test_operations_that_the_plan_shows_are_done(place: Place) -> None:
    place.is_applied().edit("nodePools[l4].size.max", 3)
    commit(place.root, "larger")
    place.engine_would(*steps(place.graph(), "same", {urn_of("l4-nodes"): "update"}))
    found = place.apply("--json")
    assert (found.code, found.json["operations"]["update"]) == (0, 1)


def test_the_rest_of_a_first_apply_that_ended_half_way_is_done(place: Place) -> None:
    half = [item.urn for item in dev_recorded()][::2]
    place.pulumi.stack("dev", *half)
    place.engine_would(*steps(dev_recorded(), "create", dict.fromkeys(half, "same")))
    found = place.apply("--json")
    assert (found.code, found.json["operations"]) == (0, {"create": len(dev_recorded()) - len(half), "same": len(half)})


def test_a_base_can_be_named_where_this_repository_does_not_know_it(place: Place) -> None:
    place.edit("nodePools[l4].size.max", 3)
    commit(place.root, "larger")
    place.pulumi.stack("dev", *(item.urn for item in dev_recorded()))
    place.engine_would(*steps(place.graph(), "same", {urn_of("l4-nodes"): "update"}))
    assert "the engine would update it" in refused(place, code=7)
    assert place.apply("--base", place.first).code == 0


def test_a_plan_file_is_applied_while_everything_is_as_it_says(place: Place) -> None:
    place.engine_would(*steps(dev_recorded()))
    file = place.plan("--no-base")
    found = place.apply("--plan", str(file))
    assert found.code == 0, found.err


CHANGES: dict[str, tuple[str, Json]] = {
    "the program": ("nodePools[l4].size.max", 3),
    "a decision": ("cost.monthlyBudget", "1600.00"),
    "a sentence": ("description", "Other models on trial."),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_plan_file_is_refused_once_anything_that_it_holds_has_changed(place: Place, change: str) -> None:
    file = place.plan("--no-base")
    place.edit(*CHANGES[change])
    text = refused(place, "--plan", str(file), code=7)
    assert text.startswith(f"error: {file} does not describe what is here: ")
    assert text.endswith(" differ. Make a new plan and have it reviewed\n")
    assert place.pulumi.runs() == []


def changed_file(place: Place, change: Callable[[Json], Json]) -> Path:
    file = place.plan("--no-base")
    document = change(json.loads(file.read_text(encoding="utf-8")))
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_a_plan_file_that_was_edited_is_refused(place: Place) -> None:
    file = changed_file(place, lambda document: {**document, "danger": []} | {"verdict": "no changes"})
    assert "does not describe what is here: verdict differ" in refused(place, "--plan", str(file), code=7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda document: {**document, "schema": "bedplate.plan/v2"}, "is no plan of this version (bedplate.plan/v1)"),
        (lambda document: document["review"], "is no plan of this version (bedplate.plan/v1)"),
        (lambda document: [document], "is no plan of this version (bedplate.plan/v1)"),
        (lambda document: {**document, "base": None}, "is no plan of this version (bedplate.plan/v1)"),
    ],
    ids=["other version", "a review", "a list", "no base"],
)
def test_a_file_that_is_no_plan_is_an_input_error(place: Place, change: Callable[[Json], Json], message: str) -> None:
    file = changed_file(place, change)
    text = refused(place, "--plan", str(file), code=2)
    assert text == f"error: {file} {message}; `bedplate plan --out` writes one\n"


def test_a_file_that_is_no_json_is_an_input_error(place: Place) -> None:
    file = place.root / "text.json"
    file.write_bytes(b"\xff{")
    assert refused(place, "--plan", str(file), code=2).startswith(f"error: {file} is no JSON: ")


def test_a_plan_file_brings_its_own_base(place: Place) -> None:
    found = place.apply("--plan", str(place.plan("--no-base")), "--base", "main")
    assert found.code == 2
    assert "--plan holds its own base: leave --base out" in found.err


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_the_engine_and_says_how_to_go_on(place: Place, sign: signal.Signals) -> None:
    place.pulumi.answer("preview", steps(dev_recorded()))
    place.pulumi.answer("up", steps(dev_recorded()), steps(dev_recorded()), waits=True)
    process = start("apply", "dev", "--yes", cwd=place.root, env=os.environ)
    poll("the update", lambda: place.pulumi.is_waiting or process.poll() is not None, SECONDS)
    process.send_signal(sign)
    output, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, output) == (130, "")
    assert errors.endswith("error: interrupted: dev may be applied in part; run `bedplate apply dev` again\n")
    assert place.pulumi.has_ended
    assert last_applied(place.root, "dev") is None


def answered(place: Place, monkeypatch: pytest.MonkeyPatch, answer: str) -> Result:
    """Apply `dev`, and answer the question."""
    place.engine_would(*steps(dev_recorded()))
    file = place.root.parent / "answer"
    file.write_text(answer, encoding="utf-8")
    with file.open(encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        return run("apply", "dev", "--root", str(place.root), "--json")


def test_people_are_shown_the_plan_and_asked_before_anything_changes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = answered(place, monkeypatch, "y\n")
    assert found.code == 0
    assert found.json["exit"] == 0
    assert f"dev: {sum(1 for item in dev_recorded() if item.custom)} to create; " in found.err
    assert f"the engine will: {len(dev_recorded())} create\napply to dev? [y/N]: " in found.err


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("n\n", "error: nothing was changed\n"),
        ("\n", "error: nothing was changed\n"),
        ("", "error: nobody answered, and nothing was changed; --yes does not ask\n"),
    ],
)
def test_without_a_yes_nothing_is_changed(
    place: Place, monkeypatch: pytest.MonkeyPatch, answer: str, message: str
) -> None:
    found = answered(place, monkeypatch, answer)
    assert found.code == 130
    assert found.err.endswith(message)
    assert place.pulumi.runs() == ["stack init", "preview"]
