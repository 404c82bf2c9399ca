"""States that a released version left behind: made once when it is released, and brought back for a later version."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.engine import EngineSandbox

STACKS = ("prod.bootstrap", "prod.cluster")
"""What stands in an account, without a cluster to talk to."""


def state_file(release: Path, stack: str) -> Path:
    """Where the state of `stack` is kept."""
    return release / f"{stack}.state.json.gz"


def make_state(sandbox: EngineSandbox, platform: Path, stack: str, file: Path) -> None:
    """Apply `stack` of the platform repository `platform` with the program that the sandbox's PYTHONPATH names."""
    sandbox.pulumi("stack", "init", stack, cwd=platform)
    sandbox.pulumi("up", "--stack", stack, "--yes", "--skip-preview", cwd=platform)
    exported = json.loads(sandbox.pulumi("stack", "export", "--stack", stack, cwd=platform).stdout)
    for resource in exported["deployment"]["resources"]:
        # When it was made is of no interest, and differs each time.
        resource.pop("created", None)
        resource.pop("modified", None)
    file.write_bytes(gzip.compress(json.dumps(exported, sort_keys=True).encode(), mtime=0))


def planned(sandbox: EngineSandbox, platform: Path, stack: str, file: Path) -> list[tuple[str, str]]:
    """What the present program would do to the state in `file`: operation and URN of everything that does not stay."""
    sandbox.pulumi("stack", "init", stack, cwd=platform)
    state = sandbox.root / f"{stack}.json"
    state.write_bytes(gzip.decompress(file.read_bytes()))
    sandbox.pulumi("stack", "import", "--stack", stack, "--file", str(state), cwd=platform)
    events = sandbox.root / f"{stack}.events.jsonl"
    sandbox.pulumi("preview", "--stack", stack, "--event-log", str(events), cwd=platform)
    lines = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    return list(_steps(lines))


def _steps(events: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for event in events:
        metadata = event.get("resourcePreEvent", {}).get("metadata", {})
        if metadata and metadata["op"] != "same":
            yield metadata["op"], metadata["urn"]
