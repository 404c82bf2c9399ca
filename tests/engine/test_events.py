"""Lines of the engine's event log become typed events; a pipe hands them over as they are written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bedplate.engine.events import (
    Diagnostic,
    EventPipe,
    Phase,
    StepDone,
    StepFailed,
    StepStarted,
    Summary,
    as_graph_json,
    parse,
)
from bedplate.graph.values import SECRET, UNKNOWN

# Lines that `pulumi … --event-log` of release 3.259 wrote, without what no test looks at.
LINES = Path(__file__).with_name("events.jsonl")
BUCKET = "urn:pulumi:dev::small::aws:s3/bucket:Bucket::models"
SUBNET = "urn:pulumi:dev::small::aws:ec2/subnet:Subnet::a"


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in LINES.read_text(encoding="utf-8").splitlines()]


def line(sequence: int) -> dict[str, Any]:
    (found,) = [item for item in lines() if item["sequence"] == sequence]
    return found


def test_a_step_that_begins_holds_operation_type_and_inputs_with_the_marks_of_the_graph() -> None:
    assert parse(line(1)) == StepStarted(
        op="create",
        urn=BUCKET,
        type="aws:s3/bucket:Bucket",
        inputs={"__defaults": ["bucket"], "bucket": "models-5716242", "tags": {"key": {"$secret": True}, "n": "1"}},
        changed=(),
    )


def test_a_value_that_only_apply_can_tell_is_unknown() -> None:
    found = parse(line(2))
    assert isinstance(found, StepStarted)
    assert found.inputs == {"cidrBlock": "10.0.0.0/20", "vpcId": {"$unknown": True}}


def test_an_update_names_the_changed_paths_sorted() -> None:
    found = parse(line(3))
    assert isinstance(found, StepStarted)
    assert (found.op, found.changed) == ("update", ("tags.key", "tags.n"))


def test_a_deletion_has_no_inputs() -> None:
    assert parse(line(4)) == StepStarted(op="delete", urn=SUBNET, type="aws:ec2/subnet:Subnet", inputs=None, changed=())


def test_a_step_ends_done_or_failed() -> None:
    assert parse(line(5)) == StepDone("create", BUCKET)
    assert parse(line(6)) == StepFailed("create", SUBNET)


def test_an_error_names_its_resource_and_the_programs_warning_none() -> None:
    assert parse(line(7)) == Diagnostic("error", SUBNET, "InvalidSubnet.Conflict: no room")
    assert parse(line(8)) == Diagnostic("warning", "", "careful")


def test_colour_marks_are_taken_out_of_messages() -> None:
    marked = {"severity": "info#err", "message": "<{%reset%}>one <{%fg 1%}>two<{%reset%}>\n"}
    assert parse({"diagnosticEvent": marked}) == Diagnostic("info#err", "", "one two")


@pytest.mark.parametrize("sequence", [9, 10, 11])
def test_debug_output_passing_states_and_other_kinds_say_nothing(sequence: int) -> None:
    assert parse(line(sequence)) is None


def test_a_run_begins_with_a_phase_and_ends_with_counts() -> None:
    assert parse(line(0)) == Phase()
    assert parse(line(12)) == Summary({"create": 1, "same": 4, "update": 1})
    assert parse({"summaryEvent": {"resourceChanges": None}}) == Summary({})


def test_whole_numbers_become_int_wherever_they_stand() -> None:
    found = as_graph_json({"size": 3.0, "ratio": 0.5, "list": [1.0, True, None, "1.0"]})
    assert found == {"size": 3, "ratio": 0.5, "list": [1, True, None, "1.0"]}
    assert [type(item) for item in found["list"][:2]] == [int, bool]


def test_both_forms_of_a_secret_are_one_mark() -> None:
    marked = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "AAAA"}
    assert as_graph_json(["[secret]", marked]) == [SECRET, SECRET]
    assert as_graph_json("04da6b54-80e4-46f7-96ec-b56ff0331ba9") == UNKNOWN


WRITER = """
import json, sys
path, *parts = sys.argv[1:]
for part in parts:
    with open(path, "w") as log:
        log.write(part)
"""


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[EventPipe]:
    made = EventPipe(tmp_path / "events")
    yield made
    made.close()
    assert not made.path.exists()


def write(pipe: EventPipe, *parts: str, program: str = WRITER) -> subprocess.Popen[str]:
    """A process that opens the pipe anew for each of `parts`, as the CLI does for preview and update."""
    return subprocess.Popen([sys.executable, "-c", program, str(pipe.path), *parts], text=True)


def warning(text: str) -> str:
    return json.dumps({"diagnosticEvent": {"severity": "warning", "message": text}}) + "\n"


def messages(pipe: EventPipe, process: subprocess.Popen[str]) -> list[str]:
    return [event.message for event in pipe.follow(process) if isinstance(event, Diagnostic)]


def test_events_of_a_log_that_is_written_twice_all_arrive_in_order(pipe: EventPipe) -> None:
    process = write(pipe, warning("one") + warning("two"), warning("three"))
    assert messages(pipe, process) == ["one", "two", "three"]
    assert process.returncode == 0


def test_a_line_that_comes_in_pieces_is_one_event(pipe: EventPipe) -> None:
    text = warning("whole")
    assert messages(pipe, write(pipe, text[:10], text[10:20], text[20:])) == ["whole"]


def test_a_line_longer_than_any_buffer_arrives_whole(pipe: EventPipe) -> None:
    long = "x" * 2_000_000
    program = "import sys\nwith open(sys.argv[1], 'w') as log:\n    log.write(sys.stdin.read())\n"
    argv = [sys.executable, "-c", program, str(pipe.path)]
    with (pipe.path.parent / "input").open("w+", encoding="utf-8") as given:
        given.write(warning(long) + warning("after"))
        given.seek(0)
        process = subprocess.Popen(argv, stdin=given, text=True)
        assert [len(message) for message in messages(pipe, process)] == [len(long), 5]


def test_events_arrive_while_the_writer_is_still_running(pipe: EventPipe) -> None:
    program = "import sys\nwith open(sys.argv[1], 'w') as log:\n    log.write(sys.argv[2])\nsys.stdin.read()\n"
    argv = [sys.executable, "-c", program, str(pipe.path), warning("early")]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, text=True)
    events = pipe.follow(process)
    assert next(events) == Diagnostic("warning", "", "early")
    assert process.poll() is None
    assert process.stdin is not None
    process.stdin.close()
    assert list(events) == []


def test_a_writer_that_dies_in_the_middle_of_a_line_ends_the_events(pipe: EventPipe) -> None:
    assert messages(pipe, write(pipe, warning("whole") + '{"diagnosticEvent": {"sev')) == ["whole"]


def test_a_writer_that_says_nothing_ends_the_events(pipe: EventPipe) -> None:
    assert list(pipe.follow(write(pipe))) == []


def test_the_pipe_is_private(pipe: EventPipe) -> None:
    assert os.stat(pipe.path).st_mode & 0o777 == 0o600
