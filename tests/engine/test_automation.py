"""The `pulumi` command is run, followed to its end and stopped with care, and its words are passed on."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bedplate.engine.automation import Engine, EngineError, Killed, counts
from bedplate.engine.events import Diagnostic, Event, Phase, StepStarted
from tests.support.environments import dev_recorded
from tests.support.fakepulumi.control import PRELUDE, FakePulumi, error, steps
from tests.support.polling import poll

STATE = "file:///somewhere"
URN = "urn:pulumi:dev::bedplate::aws:ec2/vpc:Vpc::network-vpc"
SECONDS = 30.0


@pytest.fixture
def engine(pulumi: FakePulumi, tmp_path: Path) -> Iterator[Engine]:
    with Engine(tmp_path, "dev", backend=STATE, secrets_provider="passphrase") as made:
        yield made


def ignore(event: Event) -> None:
    """Nobody looks at events."""


def test_without_pulumi_on_path_doctor_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"^pulumi is not on PATH; `bedplate doctor` says how to get it$"):
        Engine(tmp_path, "dev", backend=STATE, secrets_provider="passphrase")


def test_the_environments_backend_is_used_unless_the_variable_names_another(
    engine: Engine, pulumi: FakePulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.exists()
    assert (engine.backend, pulumi.backends()) == (STATE, {STATE})
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://other")
    with Engine(tmp_path, "dev", backend=STATE, secrets_provider="passphrase") as other:
        other.exists()
        assert other.backend == "s3://other"
    assert pulumi.backends() == {STATE, "s3://other"}


def test_a_stack_is_made_once_and_the_users_selection_stays(engine: Engine, pulumi: FakePulumi) -> None:
    assert not engine.exists()
    engine.select_stack()
    engine.select_stack()
    made = [call for call in pulumi.calls() if call[:2] == ["stack", "init"]]
    assert made == [["stack", "init", "dev", "--secrets-provider", "passphrase", "--no-select", "--non-interactive"]]
    assert engine.exists()


@pytest.mark.parametrize(("name", "known"), [("dev", True), ("acme/dev", True), ("dev2", False), ("my-dev", False)])
def test_a_stack_is_known_by_its_whole_name_whatever_the_organisation(
    engine: Engine, pulumi: FakePulumi, name: str, known: bool
) -> None:
    pulumi.stack(name)
    assert engine.exists() is known


def test_a_stack_without_resources_of_its_own_is_empty(engine: Engine, pulumi: FakePulumi) -> None:
    assert engine.is_empty()
    pulumi.stack("dev")
    assert engine.is_empty()
    pulumi.stack("dev", URN)
    assert not engine.is_empty()
    assert engine.held() == (URN,)


def test_a_command_that_fails_raises_with_its_words(engine: Engine, pulumi: FakePulumi) -> None:
    pulumi.refuse("export", "no such bucket")
    with pytest.raises(EngineError, match=r"^pulumi stack export: error: no such bucket$"):
        engine.exists()


def test_a_run_gives_the_events_of_its_last_phase_and_hands_each_over_as_it_comes(
    engine: Engine, pulumi: FakePulumi
) -> None:
    pulumi.answer("up", steps(dev_recorded()), steps(dev_recorded(), "same"))
    seen: list[Event] = []
    outcome = engine.up(plan=Path("plan.json"), on_event=seen.append)
    assert (outcome.succeeded, outcome.phases, outcome.errors) == (True, 2, ())
    assert {event.op for event in outcome.events if isinstance(event, StepStarted)} == {"same"}
    assert set(counts(outcome.events)) == {"same"}
    assert [type(event) for event in seen].count(Phase) == 2
    assert pulumi.calls()[-1][:4] == ["up", "--yes", "--plan", "plan.json"]


def test_errors_are_those_that_explain_and_not_those_that_follow(engine: Engine, pulumi: FakePulumi) -> None:
    follows = (
        error("expected resource operations for urn:pulumi:dev::x but none were seen"),
        error("update failed"),
    )
    pulumi.answer("up", [PRELUDE, error("no room", URN), *follows], exit_code=255)
    outcome = engine.up(plan=Path("plan.json"), on_event=ignore)
    assert not outcome.succeeded
    assert outcome.errors == (Diagnostic("error", URN, "no room"),)


def test_where_nothing_explains_what_follows_is_told(engine: Engine, pulumi: FakePulumi) -> None:
    pulumi.answer("preview", [PRELUDE, error("preview failed")], exit_code=255)
    outcome = engine.preview(save_plan=Path("plan.json"), on_event=ignore)
    assert outcome.errors == (Diagnostic("error", "", "preview failed"),)


def test_a_run_that_ends_before_its_log_has_its_last_lines(engine: Engine, pulumi: FakePulumi) -> None:
    pulumi.answer("destroy", output="\n".join(f"line {n}" for n in range(100)), exit_code=255)
    outcome = engine.destroy(on_event=ignore)
    assert (outcome.succeeded, outcome.errors, outcome.phases) == (False, (), 0)
    assert outcome.last_lines.splitlines() == [f"line {n}" for n in range(80, 100)]


@pytest.fixture
def listening() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, also where tests run in the background and ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt_when_waiting(pulumi: FakePulumi) -> threading.Thread:
    """Press Ctrl-C once the run waits for it."""

    def press() -> None:
        poll("the run", lambda: pulumi.is_waiting, SECONDS)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


@pytest.mark.usefixtures("listening")
def test_an_interrupted_run_is_asked_to_stop_and_read_to_its_end(engine: Engine, pulumi: FakePulumi) -> None:
    # More than a pipe holds: if nobody read it, the run could never end.
    noise = (json.dumps({"diagnosticEvent": {"severity": "debug", "message": "x" * 1000}}) + "\n") * 1000
    pulumi.answer("up", steps(dev_recorded()), waits=True, afterwards=noise)
    seen: list[Event] = []
    thread = interrupt_when_waiting(pulumi)
    with pytest.raises(KeyboardInterrupt):
        engine.up(plan=Path("plan.json"), on_event=seen.append)
    thread.join()
    assert pulumi.has_ended
    assert isinstance(seen[-1], Diagnostic)
    assert seen[-1].message.startswith("stopping: steps under way are finished first")


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("unlocked", [True, False])
def test_an_interrupt_while_stopping_ends_the_run_at_once_and_takes_its_lock_away(
    engine: Engine, pulumi: FakePulumi, unlocked: bool
) -> None:
    pulumi.answer("up", steps(dev_recorded()), waits=True, stubborn=True)
    if not unlocked:
        pulumi.refuse("cancel", "no rights")

    def press_twice() -> None:
        for come in (lambda: pulumi.is_waiting, lambda: pulumi.is_stubborn):
            poll("the run", come, SECONDS)
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press_twice)
    thread.start()
    with pytest.raises(Killed) as caught:
        engine.up(plan=Path("plan.json"), on_event=ignore)
    thread.join()
    assert caught.value.unlocked is unlocked
    assert pulumi.calls()[-1] == ["cancel", "dev", "--yes", "--non-interactive"]


@pytest.mark.usefixtures("listening")
def test_an_interrupt_while_it_says_that_it_stops_ends_the_run_at_once_too(engine: Engine, pulumi: FakePulumi) -> None:
    pulumi.answer("up", steps(dev_recorded()), waits=True, stubborn=True)

    def press_again_once_told(event: Event) -> None:
        if isinstance(event, Diagnostic) and event.message.startswith("stopping: "):
            signal.raise_signal(signal.SIGINT)

    thread = interrupt_when_waiting(pulumi)
    with pytest.raises(Killed):
        engine.up(plan=Path("plan.json"), on_event=press_again_once_told)
    thread.join()
    assert pulumi.calls()[-1][0] == "cancel"


@pytest.mark.usefixtures("listening")
def test_a_run_that_had_not_begun_holds_no_lock_to_take_away(engine: Engine, pulumi: FakePulumi) -> None:
    pulumi.answer("up", waits=True, stubborn=True)
    pressed = [interrupt_when_waiting(pulumi)]

    def once_more() -> None:
        poll("the interrupt", lambda: pulumi.is_stubborn, SECONDS)
        os.kill(os.getpid(), signal.SIGINT)

    pressed.append(threading.Thread(target=once_more))
    pressed[-1].start()
    with pytest.raises(Killed) as caught:
        engine.up(plan=Path("plan.json"), on_event=ignore)
    for thread in pressed:
        thread.join()
    assert caught.value.unlocked
    assert not any(call[0] == "cancel" for call in pulumi.calls())


def test_an_error_of_whoever_follows_stops_the_run_too(engine: Engine, pulumi: FakePulumi) -> None:
    pulumi.answer("up", steps(dev_recorded()), waits=True)

    def fail(event: Event) -> None:
        if isinstance(event, StepStarted):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        engine.up(plan=Path("plan.json"), on_event=fail)
    assert pulumi.has_ended


def test_private_files_go_with_the_engine(pulumi: FakePulumi, tmp_path: Path) -> None:
    with Engine(tmp_path, "dev", backend=STATE, secrets_provider="passphrase") as engine:
        path = engine.scratch("plan.json")
        path.write_text("{}", encoding="utf-8")
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert not path.parent.exists()
