"""A small Pulumi project in an engine sandbox."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.engine import EngineSandbox

PULUMI_YAML = "name: small\nruntime: python\n"


@dataclass(frozen=True)
class Project:
    """A project in `folder` with the stack `dev`. `program` is the text of its `__main__.py`."""

    sandbox: EngineSandbox
    folder: Path

    def write(self, program: str) -> None:
        """Replace the program."""
        (self.folder / "__main__.py").write_text(program, encoding="utf-8")

    def pulumi(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the CLI in the project."""
        return self.sandbox.pulumi(*arguments, cwd=self.folder, check=check)

    def up(self, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Apply the program."""
        return self.pulumi("up", "--yes", "--skip-preview", check=check)

    def is_clean(self) -> bool:
        """Whether a preview finds nothing to do. The CLI has an exit code of its own for that: 7."""
        return self._finds_nothing("preview")

    def has_no_drift(self) -> bool:
        """Whether a refresh, which is not written down, finds every object as it was."""
        return self._finds_nothing("refresh", "--preview-only")

    def events(self, *arguments: str, check: bool = True) -> list[dict[str, Any]]:
        """Run a command and return the engine's events."""
        path = self.folder / "events.jsonl"
        path.unlink(missing_ok=True)
        self.pulumi(*arguments, "--event-log", str(path), check=check)
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, secrets masked."""
        return dict(json.loads(self.pulumi("stack", "output", "--json").stdout))

    def state(self) -> dict[str, Any]:
        """Return the stack's deployment."""
        return dict(json.loads(self.pulumi("stack", "export").stdout)["deployment"])

    def checkpoint(self) -> dict[str, Any]:
        """Return the deployment as the running engine last wrote it, empty while it is being written."""
        path = self.sandbox.root / "state" / ".pulumi" / "stacks" / "small" / "dev.json"
        try:
            return dict(json.loads(path.read_text(encoding="utf-8"))["checkpoint"]["latest"] or {})
        except json.JSONDecodeError:
            return {}

    def operations(self) -> list[tuple[str, str]]:
        """Return what the fake AWS provider did: operation and name in the program."""
        return [(line["operation"], line["urn"].rsplit("::", 1)[1]) for line in self.sandbox.aws.journal()]

    def identifier(self, name: str) -> str:
        """Return the id of the object that was made last under a name of the program."""
        found = [line["id"] for line in self.sandbox.aws.journal() if line["urn"].endswith(f"::{name}")]
        return found[-1]

    def _finds_nothing(self, *arguments: str) -> bool:
        result = self.pulumi(*arguments, "--expect-no-changes", check=False)
        assert result.returncode in (0, 7), result.stdout + result.stderr
        return result.returncode == 0


def new_project(sandbox: EngineSandbox, folder: Path, program: str) -> Project:
    """Make a project with a stack that has not been applied."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Pulumi.yaml").write_text(PULUMI_YAML, encoding="utf-8")
    project = Project(sandbox, folder)
    project.write(program)
    project.pulumi("stack", "init", "dev")
    return project


def steps(events: Sequence[dict[str, Any]], resource_type: str) -> list[tuple[str, list[str]]]:
    """Return the operations that a preview or update planned for a type, each with the changed paths, sorted."""
    found = []
    for event in events:
        metadata = event.get("resourcePreEvent", {}).get("metadata", {})
        if metadata.get("type") == resource_type:
            found.append((metadata["op"], sorted(metadata.get("detailedDiff") or {})))
    return found
