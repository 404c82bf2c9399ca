"""The ``go`` command: builds from source and folders of upstream modules, always held to a committed go.sum."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import IO

from tests.toolchain.errors import ToolchainError
from tests.toolchain.recipes import EmbeddedFile, Module, Tool

LOG_TAIL_LINES = 15


def module_folder(module: Module) -> Path:
    """The folder with an upstream module's files; fetched on first use, then served from Go's cache without a network.

    The checksum in the wrapper's go.sum is enforced. Raises ToolchainError when ``go`` is missing or the module cannot
    be had.
    """
    query = f"{module.path}@{module.version}"
    result = subprocess.run(
        [_go(), "mod", "download", "-json", query],
        cwd=module.folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    answer = json.loads(result.stdout) if result.stdout else {"Error": result.stderr.strip()}
    if "Error" in answer:
        raise ToolchainError(f"{query}: {answer['Error']}\nCheck that Go's module proxy (GOPROXY) can be reached.")
    return Path(answer["Dir"])


def build(tool: Tool, scratch: Path, log: Path) -> Path:
    """Build a tool below ``scratch`` and return its binary; the compiler's output goes to ``log``.

    The wrapper module is copied first, so that nothing is ever written into the checkout. Raises ToolchainError with
    the log's path and last lines when the build fails.
    """
    workspace = scratch / "module"
    workspace.mkdir()
    for source in tool.source_files():
        shutil.copyfile(source, workspace / source.name)
    if tool.embed:
        upstream = module_folder(tool.module)
        for item in tool.embed:
            _embed(item, upstream, workspace)
    binary = scratch / tool.name
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        status = _run_build([_go(), "build", "-o", str(binary), *tool.build_arguments()], workspace, output)
    if status != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL_LINES:]
        raise ToolchainError("\n".join([f"go build ended with status {status}; log: {log}", *lines]))
    return binary


def _run_build(command: list[str], folder: Path, output: IO[str]) -> int:
    return subprocess.run(
        command, cwd=folder, env=_environment(), stdout=output, stderr=subprocess.STDOUT, check=False
    ).returncode


def _embed(item: EmbeddedFile, upstream: Path, workspace: Path) -> None:
    document = json.loads((upstream / item.path).read_text(encoding="utf-8"))
    document.update(item.values)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    (workspace / Path(item.path).name).write_text(text, encoding="utf-8")


def _go() -> str:
    path = shutil.which("go")
    if path is None:
        raise ToolchainError("the go command is not on PATH; install Go 1.26 or newer")
    return path


def _environment() -> dict[str, str]:
    """The caller's environment without settings that would change what is built or let go.sum be rewritten."""
    return os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
