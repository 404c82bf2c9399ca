"""Where binaries are kept: one folder per tool and recipe, and ``bin`` with the current ones."""

import json
import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.toolchain.lock import exclusive
from tests.toolchain.recipes import Tool

RECEIPT = "receipt.json"


@dataclass(frozen=True)
class Receipt:
    """How a binary was obtained.

    ``how`` is "downloaded" or "built from source", ``source`` the URL or the Go module and its version.
    """

    how: str
    source: str


class Store:
    """The cache of binaries under ``root``; several processes and checkouts may share it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "bin"

    def entry(self, tool: Tool) -> Path:
        """The folder of one tool and recipe. It is renamed into place when whole, so it exists only complete."""
        return self.root / "store" / tool.name / f"{tool.version}-{tool.digest()}"

    def log(self, tool: Tool) -> Path:
        """The log file of the tool's last build from source."""
        return self.root / "logs" / f"{tool.name}.log"

    def receipt(self, tool: Tool) -> Receipt | None:
        """How the stored binary was obtained; None when the store has none for this recipe."""
        entry = self.entry(tool)
        if not (entry / tool.name).is_file():
            return None
        return Receipt(**json.loads((entry / RECEIPT).read_text(encoding="utf-8")))

    def path(self, tool: Tool) -> Path | None:
        """The tool's program in ``bin``; None when it is missing or was put there from another recipe."""
        stored, linked = self.entry(tool) / tool.name, self.bin / tool.name
        return linked if _same_file(stored, linked) else None

    def lock(self, tool: Tool, on_wait: Callable[[str], None]) -> AbstractContextManager[None]:
        """The lock under which the tool is obtained and installed."""
        return exclusive(self.root / "locks" / f"{tool.name}.lock", on_wait)

    def scratch(self, tool: Tool) -> Path:
        """An empty folder for work on the tool, to be used and removed under its lock."""
        folder = self.root / "scratch" / tool.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def install(self, tool: Tool, binary: Path, receipt: Receipt) -> None:
        """Put a finished binary, which must be in the scratch folder, into the store."""
        folder = binary.parent / "entry"
        folder.mkdir()
        _sync(binary)
        binary.rename(folder / tool.name)
        (folder / RECEIPT).write_text(json.dumps(asdict(receipt), sort_keys=True) + "\n", encoding="utf-8")
        _sync(folder / RECEIPT)
        entry = self.entry(tool)
        entry.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(entry, ignore_errors=True)
        folder.rename(entry)

    def link(self, tool: Tool) -> None:
        """Make ``bin`` show the stored binary.

        A hard link, because the Pulumi CLI resolves symbolic links before it looks for the language host beside itself.
        """
        stored, linked = self.entry(tool) / tool.name, self.bin / tool.name
        if _same_file(stored, linked):
            return
        self.bin.mkdir(parents=True, exist_ok=True)
        fresh = self.bin / f".{tool.name}.new"
        fresh.unlink(missing_ok=True)
        os.link(stored, fresh)
        fresh.rename(linked)


def _same_file(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.samefile(other)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
