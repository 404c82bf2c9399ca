"""What happens when an apply or a destroy does not go well: it says what and why, and the next run goes on from there.

The tests of this module tell one story and run in the order in which they stand.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.cluster.platform import Platform, platform
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.manifests import has_condition
from tests.support.foreground import start
from tests.support.polling import poll

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.xdist_group("apply-faults")]

PASSPHRASE = "correct-horse-4711"
POOL = "eks/nodeGroup:NodeGroup::l4-nodes"
LIMIT = "ResourceLimitExceeded: the account may have no more g6.2xlarge"
APPLIED = "refs/bedplate/applied/dev"
# The engine is asked for its preview first, which takes most of this.
SECONDS = 180.0


@dataclass
class Story:
    """A platform, and everything that `bedplate` said so far."""

    place: Platform
    said: list[str] = field(default_factory=list)

    def bedplate(self, *args: str, check: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command that must end with `check`."""
        done = self.place.bedplate(*args, check=check)
        self.said += [done.stdout, done.stderr]
        return done

    def apply(self, *args: str, check: int = 0) -> subprocess.CompletedProcess[str]:
        """Apply `dev` without being asked."""
        return self.bedplate("apply", "dev", "--yes", *args, check=check)

    def refused(self, *args: str, check: int) -> str:
        """What a command says that must end with `check` and change nothing in the account."""
        before = self.place.sandbox.aws.journal()
        text = self.bedplate(*args, check=check).stderr
        assert self.place.sandbox.aws.journal() == before
        return text

    def fault(self, match: str, operation: str, message: str | None, **more: Any) -> None:
        """Let one operation of the account fail, or wait."""
        self.place.sandbox.aws.set_faults([{"match": match, "operation": operation, "message": message, **more}])

    def interrupted(self, *signals: signal.Signals) -> str:
        """What an apply says that gets `signals` while it waits for the fault; each once the one before is heard."""
        process = start("apply", "dev", "--yes", cwd=self.place.root, env=self.place.sandbox.env)
        assert process.stderr is not None
        poll("the update of the GPU pool", lambda: self.fault_is_met() or process.poll() is not None, SECONDS)
        errors = ""
        for number, sent in enumerate(signals):
            # Two of a kind that come at once would be one.
            while number and "stopping: " not in errors and (line := process.stderr.readline()):
                errors += line
            process.send_signal(sent)
        output, rest = process.communicate(timeout=SECONDS)
        self.said += [output, errors + rest]
        assert (process.returncode, output) == (130, ""), errors + rest
        return errors + rest

    def locks(self) -> list[str]:
        """Locks of the stack."""
        return [path.name for path in (self.place.sandbox.root / "state/.pulumi/locks").rglob("*.json")]

    def fault_is_met(self) -> bool:
        """Whether the one fault that counts down has been run into."""
        (row,) = json.loads((self.place.sandbox.fake_aws_dir / "faults.json").read_text(encoding="utf-8"))
        return bool(row["times"] == 0)

    def no_faults(self) -> None:
        """Let everything go well again."""
        self.place.sandbox.aws.set_faults([])

    def git(self, *args: str) -> str:
        """Run git in the platform repository."""
        argv = ["git", *args]
        done = subprocess.run(argv, cwd=self.place.root, env=self.place.sandbox.env, check=True, capture_output=True)
        return done.stdout.decode().strip()

    def labels(self, operation: str) -> set[str]:
        """What the account has made, or deleted, as people are told about it."""
        found = set()
        for entry in self.place.sandbox.aws.journal():
            if entry["operation"] == operation:
                *_, types, name = entry["urn"].split("::")
                module, _, kind = types.rpartition("$")[2].removeprefix("aws:").partition(":")
                found.add(f"{module.partition('/')[0]}.{kind} {name}")
        return found

    def size(self) -> int:
        """The GPU pool's largest size in the account."""
        groups: dict[str, Any] = self.place.sandbox.aws.node_groups()
        (found,) = [group for name, group in groups.items() if name.startswith("bedplate-dev.l4")]
        return int(found["scalingConfig"]["maxSize"])


@pytest.fixture(scope="module")
def story(plane: ControlPlane) -> Iterator[Story]:
    with platform(plane) as place:
        place.sandbox.env["PULUMI_CONFIG_PASSPHRASE"] = PASSPHRASE
        yield Story(place)


def test_a_failure_in_the_middle_names_the_resource_the_reason_and_what_to_do(story: Story) -> None:
    story.fault(POOL, "create", LIMIT)
    done = story.apply(check=1)
    assert done.stdout == ""
    assert f"eks.NodeGroup l4-nodes: {LIMIT}" in done.stderr
    assert "dev is applied in part; mend the cause and run `bedplate apply dev` again" in done.stderr
    made = [entry for entry in story.place.sandbox.aws.journal() if entry["operation"] == "create"]
    assert made
    assert not any(POOL in entry["urn"] for entry in made)


def test_once_the_cause_is_mended_the_next_apply_completes_what_is_left(story: Story, plane: ControlPlane) -> None:
    before = {entry["urn"] for entry in story.place.sandbox.aws.journal()}
    story.no_faults()
    result = json.loads(story.apply("--json").stdout)
    assert (result["exit"], set(result["operations"])) == (0, {"create", "same"})
    after = [entry["urn"] for entry in story.place.sandbox.aws.journal()]
    assert len(after) == len(set(after)), "nothing was made twice"
    assert set(after) > before
    services = plane.client.objects("serving.kserve.io/v1beta1", "InferenceService", "research")
    assert [has_condition(item, "Ready") for item in services] == [True, True]


def test_a_plan_file_that_no_longer_describes_what_is_here_is_refused(story: Story) -> None:
    plan = story.place.sandbox.root / "plan.json"
    story.bedplate("plan", "dev", "--out", str(plan))
    story.place.edit("environments/dev.yaml", "max: 2}\n    disk: {gib: 120", "max: 3}\n    disk: {gib: 120")
    text = story.refused("apply", "dev", "--yes", "--plan", str(plan), check=7)
    assert f"{plan} does not describe what is here" in text
    story.place.commit("one more node")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=lambda sent: sent.name)
def test_an_interrupt_stops_the_engine_and_leaves_neither_process_nor_lock(story: Story, sent: signal.Signals) -> None:
    story.fault(POOL, "update", None, times=1, delaySeconds=SECONDS)
    errors = story.interrupted(sent)
    assert "warning: stopping: steps under way are finished first; interrupt once more to end them at once\n" in errors
    assert "interrupted: dev may be applied in part; run `bedplate apply dev` again" in errors
    assert (story.place.sandbox.processes(), story.locks()) == ([], [])
    assert story.size() == 2


def test_a_second_interrupt_ends_everything_at_once_and_leaves_no_lock_either(story: Story) -> None:
    story.fault(POOL, "update", None, times=1, delaySeconds=15.0, stubborn=True)
    errors = story.interrupted(signal.SIGINT, signal.SIGINT)
    assert "killed: dev is applied in part, and what was under way is not in its state" in errors
    assert story.locks() == []
    poll("the end of every process", lambda: story.place.sandbox.processes() == [], SECONDS)
    assert story.size() == 2


def test_an_apply_after_an_interrupt_finishes(story: Story) -> None:
    story.no_faults()
    assert json.loads(story.apply("--json").stdout)["operations"]["update"] == 1
    assert story.size() == 3


def test_a_reviewed_plan_file_is_applied(story: Story) -> None:
    story.place.edit("environments/dev.yaml", "max: 3}\n    disk: {gib: 120", "max: 2}\n    disk: {gib: 120")
    story.place.commit("as before")
    plan = story.place.sandbox.root / "plan.json"
    story.bedplate("plan", "dev", "--out", str(plan))
    story.apply("--plan", str(plan))
    assert story.size() == 2


def test_a_deletion_that_the_plan_does_not_show_is_refused(story: Story) -> None:
    applied = story.git("rev-parse", APPLIED)
    path = story.place.root / "environments/dev.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("guardrails:\n")] + text[text.index("cost:\n") :], encoding="utf-8")
    story.place.commit("no way to the internet")
    # As if somebody had applied this commit elsewhere, to another state.
    story.git("update-ref", APPLIED, "HEAD")
    text = story.refused("apply", "dev", "--yes", check=7)
    assert "the engine would do something else than the plan shows; nothing was changed" in text
    assert "the engine would delete it, and the plan does not show that" in text
    story.git("reset", "--quiet", "--hard", "HEAD~1")
    story.git("update-ref", APPLIED, applied)


def test_a_locked_state_is_told_with_the_command_that_unlocks_it(story: Story) -> None:
    locks = story.place.sandbox.root / "state/.pulumi/locks/organization/bedplate/dev"
    locks.mkdir(parents=True, exist_ok=True)
    lock = locks / "4f0dbbbd-6d2e-4d2c-8d8b-6d1f0a4a7f55.json"
    lock.write_text(
        json.dumps({"pid": 1, "username": "ada", "hostname": "elsewhere", "timestamp": "2026-11-21T00:00:00Z"})
    )
    story.place.edit("environments/dev.yaml", "max: 2}\n    disk: {gib: 120", "max: 3}\n    disk: {gib: 120")
    story.place.commit("one more node")
    text = story.refused("apply", "dev", "--yes", check=1)
    assert "dev is as it was; mend the cause and run `bedplate apply dev` again\n" in text
    assert "ada@elsewhere" in text
    assert "pulumi cancel" in text
    lock.unlink()


def test_without_a_passphrase_nothing_is_touched_and_its_variable_is_named(story: Story) -> None:
    del story.place.sandbox.env["PULUMI_CONFIG_PASSPHRASE"]
    try:
        text = story.refused("apply", "dev", "--yes", check=1)
    finally:
        story.place.sandbox.env["PULUMI_CONFIG_PASSPHRASE"] = PASSPHRASE
    assert "PULUMI_CONFIG_PASSPHRASE" in text
    assert "Traceback" not in text
    assert "defect" not in text


def test_destroy_wants_the_environments_name(story: Story) -> None:
    text = story.refused("destroy", "dev", "--confirm", "prod", check=2)
    assert text == "error: 'prod' is not 'dev'; nothing was changed\n"


def test_a_destroy_that_fails_names_what_is_left_and_why(story: Story) -> None:
    story.fault("ec2/vpc:Vpc", "delete", "DependencyViolation: the vpc has dependencies")
    done = story.bedplate("destroy", "dev", "--confirm", "dev", check=1)
    assert "dev is not destroyed whole; mend the cause and run `bedplate destroy dev` again\n" in done.stderr
    assert "ec2.Vpc network-vpc: DependencyViolation: the vpc has dependencies" in done.stderr
    lines = [line.strip() for line in done.stderr.splitlines()]
    left = {line.removeprefix("left: ") for line in lines if line.startswith("left: ")}
    assert "ec2.Vpc network-vpc" in left
    # What the engine had not come to when it stopped is left too, and how much that is depends on the moment.
    assert left == story.labels("create") - story.labels("delete")


def test_once_the_cause_is_mended_destroy_leaves_nothing(story: Story) -> None:
    story.no_faults()
    done = story.bedplate("destroy", "dev", "--confirm", "dev")
    assert done.stdout.endswith("nothing left\n")
    made = [entry["urn"] for entry in story.place.sandbox.aws.journal() if entry["operation"] == "create"]
    gone = [entry["urn"] for entry in story.place.sandbox.aws.journal() if entry["operation"] == "delete"]
    assert sorted(made) == sorted(gone)


def test_after_a_destroy_nothing_is_remembered_as_applied(story: Story) -> None:
    assert story.git("for-each-ref", APPLIED) == ""
    assert story.bedplate("destroy", "dev", "--confirm", "dev").stdout == "dev: there is nothing to destroy\n"


def test_neither_passphrase_nor_token_is_ever_said(story: Story, plane: ControlPlane) -> None:
    said = "\n".join(story.said)
    assert len(said) > 1000
    assert PASSPHRASE not in said
    assert plane.token not in said
