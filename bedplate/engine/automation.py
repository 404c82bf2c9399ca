"""Run the real Pulumi CLI for one stack, and follow what it does."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from bedplate.engine.events import Diagnostic, Event, EventPipe, Phase, Summary
from bedplate.graph.resource import STACK_TYPE

_TAIL_LINES = 20
# What follows from every failure: the run as a whole, and the steps of the update plan that were not come to.
_CONSEQUENCE = re.compile(
    r"(preview|update|destroy) (failed|canceled)|expected resource operations for .* but none were seen"
)
_STOPPING = "stopping: steps under way are finished first; interrupt once more to end them at once"


# Exit code of the CLI (pulumi/pkg v3.259.0, cmd/pulumi/cmd/exit_codes.go).
_NO_SUCH_STACK = 6


class Killed(KeyboardInterrupt):
    """A run was interrupted twice, and ended in the middle of its steps. `unlocked`: whether it left no lock."""

    def __init__(self, *, unlocked: bool) -> None:
        super().__init__()
        self.unlocked = unlocked


class EngineError(Exception):
    """The engine cannot be run, or said no. The message holds its own words."""


class _NoSuchStackError(EngineError):
    """The backend does not know the stack."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of the engine ended, with the events of its last phase.

    `phases` counts previews and updates that began: `up` makes a preview of its own before it changes anything.
    """

    events: tuple[Event, ...]
    succeeded: bool
    output: str
    phases: int

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What the engine reports as errors, without those that only follow from others."""
        said = [event for event in self.events if isinstance(event, Diagnostic) and event.severity == "error"]
        causes = [event for event in said if not _CONSEQUENCE.fullmatch(event.message)]
        return tuple(causes or said)

    @property
    def last_lines(self) -> str:
        """The end of the CLI's output, for runs that fail without an error among the events."""
        return "\n".join(self.output.splitlines()[-_TAIL_LINES:])


class Engine:
    """One stack of the project at `root`, on `backend`. Use as a context manager: its logs are private and removed."""

    def __init__(
        self, root: Path, stack: str, *, backend: str, secrets_provider: str, whatever_is_set: bool = False
    ) -> None:
        """`PULUMI_BACKEND_URL`, where set, wins over `backend`, unless that is meant `whatever_is_set`.

        Raises EngineError where `pulumi` is not on PATH.
        """
        found = shutil.which("pulumi")
        if found is None:
            raise EngineError("pulumi is not on PATH; `bedplate doctor` says how to get it")
        self._pulumi = found
        self._root = root
        self._stack = stack
        self._secrets_provider = secrets_provider
        self._env = {
            **os.environ,
            "PULUMI_BACKEND_URL": backend if whatever_is_set else os.environ.get("PULUMI_BACKEND_URL", backend),
            # Without it the CLI has no --event-log.
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        self._scratch = tempfile.TemporaryDirectory(prefix="bedplate-engine-")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scratch.cleanup()

    def take_over(self) -> None:
        """Let the engine apply over what another writer has applied, from here on, instead of calling it a conflict."""
        self._env["PULUMI_K8S_ENABLE_PATCH_FORCE"] = "true"

    def select_stack(self) -> None:
        """Make the stack where it does not exist. Raises EngineError with the CLI's words."""
        if not self.exists():
            self._plain(["stack", "init", self._stack, "--secrets-provider", self._secrets_provider, "--no-select"])

    @property
    def stack(self) -> str:
        """Name of the stack."""
        return self._stack

    @property
    def backend(self) -> str:
        """URL of the backend that is really used."""
        return self._env["PULUMI_BACKEND_URL"]

    def is_empty(self) -> bool:
        """Whether the stack does not exist, or holds nothing."""
        return not self.held()

    def exists(self) -> bool:
        """Whether the backend knows the stack.

        It is asked for by name: a list of stacks takes the right to read all of them, which not everybody has.
        """
        return self.export() is not None

    def stacks(self) -> tuple[str, ...]:
        """Names of all stacks of the project that the backend knows."""
        listed = json.loads(self._plain(["stack", "ls", "--json"]))
        # Some backends write the organisation before the name.
        return tuple(sorted(item["name"].rpartition("/")[2] for item in listed))

    def held(self) -> tuple[str, ...]:
        """URNs that the stack's state holds, without the stack's own; none where there is no such stack."""
        state = self.export() or {"deployment": {}}
        resources = state["deployment"].get("resources")
        return tuple(sorted(item["urn"] for item in resources or () if item["type"] != STACK_TYPE))

    def export(self) -> dict[str, Any] | None:
        """The stack's state, secrets encrypted; None where there is no such stack."""
        try:
            state: dict[str, Any] = json.loads(self._plain(["stack", "export", "--stack", self._stack]))
        except _NoSuchStackError:
            return None
        return state

    def import_state(self, state: Mapping[str, Any]) -> None:
        """Make `state` (as from `export`) the stack's own. The stack must exist; what it held is gone."""
        file = self.scratch("state.json")
        file.write_text(json.dumps(state), encoding="utf-8")
        self._plain(["stack", "import", "--stack", self._stack, "--file", str(file)])

    def preview(self, *, save_plan: Path, on_event: Callable[[Event], None]) -> Outcome:
        """Ask the engine what it would do, and keep its update plan in `save_plan`."""
        return self._run(["preview", "--save-plan", str(save_plan)], on_event)

    def up(self, *, plan: Path, on_event: Callable[[Event], None]) -> Outcome:
        """Do what `plan` holds and nothing else. The engine checks the plan once more before it changes anything."""
        return self._run(["up", "--yes", "--plan", str(plan)], on_event)

    def destroy(self, *, on_event: Callable[[Event], None]) -> Outcome:
        """Delete every resource of the stack, dependants first."""
        return self._run(["destroy", "--yes", "--skip-preview"], on_event)

    def remove_stack(self) -> None:
        """Forget the (empty) stack. Raises EngineError where resources are left."""
        self._plain(["stack", "rm", self._stack, "--yes", "--preserve-config"])

    def scratch(self, name: str) -> Path:
        """A path in this engine's private folder."""
        return Path(self._scratch.name) / name

    def _plain(self, args: Sequence[str]) -> str:
        done = subprocess.run(
            [self._pulumi, *args, "--non-interactive"],
            cwd=self._root,
            env=self._env,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            kind = _NoSuchStackError if done.returncode == _NO_SUCH_STACK else EngineError
            raise kind(f"pulumi {' '.join(args[:2])}: {said}")
        return done.stdout

    def _unlock(self) -> bool:
        """Take away the lock that a killed run has left. Whether that went well."""
        try:
            self._plain(["cancel", self._stack, "--yes"])
        except EngineError:
            return False
        return True

    def _run(self, args: Sequence[str], on_event: Callable[[Event], None]) -> Outcome:
        pipe = EventPipe(self.scratch(f"{args[0]}.events"))
        argv = [self._pulumi, *args, "--stack", self._stack, "--non-interactive", "--event-log", str(pipe.path)]
        events: list[Event] = []
        phases = 0
        with self.scratch(f"{args[0]}.out").open("w+", encoding="utf-8") as output:
            process = subprocess.Popen(
                argv,
                cwd=self._root,
                env=self._env,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            try:
                for event in pipe.follow(process):
                    # The preview that `up` makes first is over when its update begins.
                    if isinstance(event, Phase):
                        events.clear()
                        phases += 1
                    else:
                        events.append(event)
                    on_event(event)
            except BaseException as error:
                # Whoever has read that it stops may interrupt again before the next line runs: all of it is guarded.
                try:
                    if isinstance(error, KeyboardInterrupt):
                        on_event(Diagnostic("warning", "", _STOPPING))
                    _stop(process, pipe)
                except BaseException:
                    if _kill_family(process) and isinstance(error, KeyboardInterrupt):
                        # A run that has begun holds the lock, so there is no other one to take away.
                        raise Killed(unlocked=phases == 0 or self._unlock()) from None
                raise
            finally:
                pipe.close()
            output.seek(0)
            return Outcome(tuple(events), process.returncode == 0, output.read(), phases)


def _stop(process: subprocess.Popen[str], pipe: EventPipe) -> None:
    """Ask the CLI to stop, and wait for its end: it lets providers finish or give up what they are doing, so that the
    state stays whole.

    Its events are read on meanwhile, or it would wait for a reader for ever.
    """
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        for _ in pipe.follow(process):
            pass


def _kill_family(process: subprocess.Popen[str]) -> bool:
    """End the CLI, its plugins and the program at once. Whether the CLI had not ended by itself before.

    A plugin by itself would go on with its steps, while somebody else may hold the lock already: it looks only every
    five minutes whether its engine is still there (pulumi/sdk v3.259.0, go/pulumi/provider/main.go).
    """
    if process.poll() is not None:
        return False
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGKILL)
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    process.wait()
    return True


def counts(events: Sequence[Event]) -> Mapping[str, int]:
    """Operations of the last summary event; empty where the run ended before it."""
    summaries = [event.counts for event in events if isinstance(event, Summary)]
    return summaries[-1] if summaries else {}
