"""Folders that measurements need: made when first asked for, removed at the end. The checkout stays as it is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from tests.bench.sizes import Size

ROOT = Path(__file__).resolve().parents[2]

# What a plan compares between commits.
_PARTS = ("bedplate", "components", "policies", "stacks", "environments")
_AUTHOR = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
# One number of one model release that `dev` and no other environment runs.
_EDIT = ("maxSequences: 64", "maxSequences: 48")


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated platform repository: the target to plan, and how many resources the program registers for it."""

    root: Path
    target: str
    registered: int


class Workshop:
    """Temporary repositories and environments."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="bedplate-bench-")
        self._generated: dict[Size, Generated] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def repository(self, *, changed: bool) -> Path:
        """A git repository that holds this working tree as its only commit; with one model edited where `changed`."""
        root = Path(self._folder.name) / ("changed" if changed else "unchanged")
        if not root.exists():
            self._commit(root)
            if changed:
                _edit_one_model(root)
        return root

    def generated(self, size: Size) -> Generated:
        """A generated environment of `size` (see tests/support/generated)."""
        if size not in self._generated:
            root = Path(self._folder.name) / size.name
            # In a process of its own: this one has to stay small.
            argv = [sys.executable, "-m", "tests.support.generated", str(root), size.place, str(size.resources)]
            done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, check=True)
            answer = json.loads(done.stdout)
            self._generated[size] = Generated(root, answer["targets"][0], int(answer["registered"]))
        return self._generated[size]

    def output(self) -> Path:
        """A folder that commands write to, again and again."""
        return Path(self._folder.name) / "output"

    def _commit(self, root: Path) -> None:
        for part in _PARTS:
            shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
        for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), (*_AUTHOR, "commit", "-q", "-m", "base")):
            subprocess.run(["git", "-C", str(root), *arguments], check=True)


def _edit_one_model(root: Path) -> None:
    file = min((root / "environments/models").glob("*/*.yaml"))
    text = file.read_text(encoding="utf-8")
    if text.count(_EDIT[0]) != 1:
        raise ValueError(f"{file.relative_to(root)} does not hold {_EDIT[0]!r} once: choose another edit here")
    file.write_text(text.replace(*_EDIT), encoding="utf-8")
