"""Keep what this version makes, for later ones to be held against: ``python -m tests.compat.release 0.2.0``.

Run once, when a version is released, from its own checkout. Writes tests/compat/<version>: the shipped environments,
the record of them, and the states that the real engine has after applying them. Needs the tool chain.
"""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from bedplate.cli.compatibility import recorded_as
from bedplate.graph.values import canonical
from tests.compat.releases import FOLDER
from tests.compat.states import STACKS, make_state, state_file
from tests.support.engine import EngineSandbox, platform_copy
from tests.support.environments import ROOT


def keep(version: str, folder: Path, today: date) -> Path:
    """Write everything below `folder`, and return where. Raises FileExistsError for a version that is kept already."""
    release = folder / version
    left_out = shutil.ignore_patterns("schema", "pulumi")
    shutil.copytree(ROOT / "environments", release / "environments", ignore=left_out)
    record = recorded_as(release, today)
    (release / "record.json").write_bytes(canonical({**record, "tool": version}) + b"\n")
    platform = platform_copy(ROOT, release / "platform", environments=release / "environments")
    try:
        with EngineSandbox() as sandbox:
            sandbox.env["PYTHONPATH"] = str(ROOT)
            for stack in STACKS:
                make_state(sandbox, platform, stack, state_file(release, stack))
    finally:
        shutil.rmtree(platform)
    return release


if __name__ == "__main__":
    print(keep(sys.argv[1], FOLDER, datetime.now(UTC).date()))
