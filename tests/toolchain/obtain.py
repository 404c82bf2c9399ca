"""Obtaining one tool: from the cache, from its publisher, or by building it from source."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.toolchain import golang
from tests.toolchain.download import Downloader, DownloadUnavailableError
from tests.toolchain.errors import ToolchainError
from tests.toolchain.recipes import Tool
from tests.toolchain.store import Receipt, Store

VERSION_TIMEOUT_SECONDS = 60
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def current_platform() -> str:
    """This machine's operating system and architecture as Go names them, for instance "linux-amd64"."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{ARCHITECTURES.get(machine, machine)}"


class Obtainer:
    """Brings tools into a store; one object serves one run.

    ``notice`` receives messages about waiting and about why a tool is built. Without ``downloader`` every tool is built
    from source.
    """

    def __init__(self, store: Store, downloader: Downloader | None, notice: Callable[[str], None]) -> None:
        self._store = store
        self._downloader = downloader
        self._notice = notice

    def obtain(self, tool: Tool) -> str:
        """Make the tool present in ``bin``; return "present" or the new receipt's ``how``. Raises ToolchainError."""
        with self._store.lock(tool, lambda owner: self._notice(f"{tool.name}: waiting for process {owner}")):
            how = "present"
            if self._store.receipt(tool) is None:
                how = self._install(tool)
            self._store.link(tool)
        return how

    def _install(self, tool: Tool) -> str:
        scratch = self._store.scratch(tool)
        try:
            binary, receipt = self._download(tool, scratch) or self._build(tool, scratch)
            binary.chmod(0o755)
            check_version(tool, binary)
            self._store.install(tool, binary, receipt)
        finally:
            shutil.rmtree(scratch)
        return receipt.how

    def _download(self, tool: Tool, scratch: Path) -> tuple[Path, Receipt] | None:
        official = tool.downloads.get(current_platform())
        if self._downloader is None or official is None:
            return None
        try:
            binary = self._downloader.fetch(official, scratch, tool.name)
        except DownloadUnavailableError as error:
            self._notice(f"{tool.name}: no download: {error}")
            return None
        return binary, Receipt("downloaded", official.url)

    def _build(self, tool: Tool, scratch: Path) -> tuple[Path, Receipt]:
        log = self._store.log(tool)
        self._notice(f"{tool.name}: building from source, about {tool.minutes:g} minutes on two cores, log: {log}")
        binary = golang.build(tool, scratch, log)
        return binary, Receipt("built from source", f"{tool.module.path}@{tool.module.version}")


def check_version(tool: Tool, binary: Path) -> None:
    """Raise ToolchainError unless the program prints the tool's version (no check without ``version_args``).

    This catches a wrong linker variable, which the linker ignores without a word.
    """
    if not tool.version_args:
        return
    # A home folder of its own keeps the programs from leaving files in the user's; no look-ups of newer versions.
    environment = os.environ | {"HOME": str(binary.parent), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    command = [str(binary), *tool.version_args]
    try:
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=VERSION_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolchainError(f"{tool.name} cannot be run: {error}") from error
    if result.returncode != 0 or tool.version not in result.stdout:
        shown = (result.stdout + result.stderr).strip()[:200]
        raise ToolchainError(
            f"{' '.join([tool.name, *tool.version_args])} printed {shown!r} with status {result.returncode}, "
            f"expected version {tool.version}; correct `variables` or `version_args` in tools.toml"
        )
