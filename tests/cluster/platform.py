"""A platform for end-to-end tests: the shipped environments, a sandboxed engine and a real control plane behind it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.node_simulator import NodeSimulator
from tests.support.engine import EngineSandbox, platform_copy
from tests.support.environments import PLATFORM

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2026-11-21"


@dataclass(frozen=True)
class Platform:
    """A copy of the platform repository with everything that an apply needs."""

    root: Path
    sandbox: EngineSandbox
    plane: ControlPlane

    def bedplate(self, *args: str, check: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run the command line as people do. `check` is the exit code that is expected; None for any."""
        argv = [sys.executable, "-m", "bedplate.cli.main", *args]
        done = subprocess.run(
            argv, cwd=self.root, env=self.sandbox.env, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if check is not None and done.returncode != check:
            story = f"bedplate {' '.join(args)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
            raise AssertionError(story)
        return done

    def apply(self) -> dict[str, Any]:
        """Apply `dev` without being asked, and return the result's JSON."""
        result: dict[str, Any] = json.loads(self.bedplate("apply", "dev", "--yes", "--json").stdout)
        return result

    def plan(self) -> dict[str, Any]:
        """The plan of `dev` against what was applied last, as JSON."""
        result: dict[str, Any] = json.loads(self.bedplate("plan", "dev", "--now", TODAY, "--json", check=None).stdout)
        return result

    def edit(self, file: str, find: str, replace: str) -> None:
        """Change the one place of `file` where `find` stands."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert text.count(find) == 1, f"{find!r} stands {text.count(find)} times in {file}"
        path.write_text(text.replace(find, replace), encoding="utf-8")

    def commit(self, message: str) -> None:
        """Commit everything, as a merged change would be."""
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", message)

    def start_history(self) -> None:
        """Make the copy a git repository with one commit."""
        self._git("init", "--quiet", "--initial-branch", "main")
        (self.root / ".gitignore").write_text(".venv\nenvironments/pulumi/\n", encoding="utf-8")
        self.commit("first")

    def _git(self, *args: str) -> None:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *identity, *args], cwd=self.root, env=self.sandbox.env, check=True, capture_output=True)


@contextmanager
def platform(plane: ControlPlane, *, environments: Path = PLATFORM / "environments") -> Iterator[Platform]:
    """A platform with `environments` whose EKS cluster is `plane` and whose node groups become nodes there."""
    with EngineSandbox() as sandbox:
        sandbox.aws.set_cluster(endpoint=plane.endpoint, certificate_authority=plane.ca_base64, token=plane.token)
        groups = sandbox.fake_aws_dir / "nodegroups"
        groups.mkdir(exist_ok=True)
        made = Platform(platform_copy(ROOT, sandbox.root / "platform", environments=environments), sandbox, plane)
        made.start_history()
        with NodeSimulator(plane.client, groups):
            yield made
