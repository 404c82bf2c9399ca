"""What runs in place of `pulumi`: answers as the files of a folder say, and writes down how it was called.

``program.py FOLDER ARGUMENTS…``. Uses the standard library alone, so that it starts at once.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any


def main(folder: Path, arguments: list[str]) -> int:
    """Answer one call; the exit code."""
    world: dict[str, Any] = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    with (folder / "calls.jsonl").open("a", encoding="utf-8") as calls:
        backend = os.environ.get("PULUMI_BACKEND_URL", "")
        calls.write(json.dumps({"arguments": arguments, "backend": backend}) + "\n")
    if arguments[0] == "stack":
        return _stack(folder, world, arguments[1], arguments)
    if arguments[0] == "cancel":
        return _refusal(world, "cancel")
    run: dict[str, Any] = world["runs"][arguments[0]]
    if run["waits"]:
        # An interrupt that comes early is kept until it is waited for.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    if "--event-log" in arguments:
        log = arguments[arguments.index("--event-log") + 1]
        # Each phase opens the log anew, as the real command does.
        for phase in run["phases"]:
            with open(log, "w", encoding="utf-8") as file:
                file.writelines(json.dumps(event) + "\n" for event in phase)
        if run["waits"]:
            (folder / "waiting").touch()
            signal.sigwait({signal.SIGINT})
            if run["stubborn"]:
                (folder / "waiting").rename(folder / "stubborn")
                signal.pause()
            with open(log, "w", encoding="utf-8") as file:
                file.write(run["afterwards"])
            (folder / "waiting").rename(folder / "ended")
    print(run["output"])
    return int(run["exit"])


def _refusal(world: dict[str, Any], command: str) -> int:
    if command not in world["refuses"]:
        return 0
    print(f"error: {world['refuses'][command]}", file=sys.stderr)
    return 255


def _stack(folder: Path, world: dict[str, Any], command: str, arguments: list[str]) -> int:
    places = world["backends"]
    if places:
        return _stack_of(folder, world, places.setdefault(os.environ["PULUMI_BACKEND_URL"], {}), arguments)
    if refused := _refusal(world, command):
        return refused
    if command == "ls":
        print(json.dumps([{"name": name, "current": False} for name in world["stacks"]]))
    elif command == "init":
        world["stacks"] = [*world["stacks"], "dev"]
    elif command == "rm":
        world["stacks"] = []
    elif command == "export":
        asked = arguments[arguments.index("--stack") + 1]
        # Some backends write the organisation before the name.
        if asked not in [name.rpartition("/")[2] for name in world["stacks"]]:
            print(f"error: no stack named '{asked}' found", file=sys.stderr)
            return 6
        print(json.dumps({"version": 3, "deployment": {"resources": world["resources"]}}))
    (folder / "world.json").write_text(json.dumps(world), encoding="utf-8")
    return 0


def _stack_of(folder: Path, world: dict[str, Any], held: dict[str, Any], arguments: list[str]) -> int:
    """A command about a stack of one backend, where several are set up: `held` are its deployments by stack."""
    command = arguments[1]
    stack = arguments[2] if command == "init" else arguments[arguments.index("--stack") + 1]
    if command == "init":
        held[stack] = {}
    elif stack not in held:
        print(f"error: no stack named '{stack}' found", file=sys.stderr)
        return 6
    elif command == "export":
        print(json.dumps({"version": 3, "deployment": held[stack]}))
    elif command == "import" and not world["loses"]:
        file = Path(arguments[arguments.index("--file") + 1])
        held[stack] = json.loads(file.read_text(encoding="utf-8"))["deployment"]
    (folder / "world.json").write_text(json.dumps(world), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
