"""The programs that engine and cluster tests run: Pulumi, a Kubernetes control plane, KServe's controller, Helm.

``python -m tests.toolchain.toolchain build`` makes them present, by official download or, where the publisher cannot be
reached, from Go modules. Binaries live in ``$BEDPLATE_TOOLS`` (default ``~/.cache/bedplate/tools``), outside the
checkout. Tests use the functions below, which never download or build a program.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from tests.toolchain import golang
from tests.toolchain.download import Downloader
from tests.toolchain.errors import ToolchainError
from tests.toolchain.obtain import Obtainer
from tests.toolchain.recipes import CATALOGUE_FILE, Catalogue, Tool, load_catalogue
from tests.toolchain.store import Store

COMMAND = "python -m tests.toolchain.toolchain"


def open_store() -> Store:
    """The cache of binaries that the environment names."""
    configured = os.environ.get("BEDPLATE_TOOLS")
    return Store(Path(configured).absolute() if configured else Path.home() / ".cache" / "bedplate" / "tools")


def tool_path(name: str) -> Path | None:
    """The program's path, or None when it must be built first. Raises ToolchainError for an unknown name."""
    return open_store().path(load_catalogue().tool(name))


def module_dir(name: str) -> Path:
    """The folder with an upstream module's files, for instance "kserve"; needs no network once it was fetched.

    Raises ToolchainError for an unknown name and when the module cannot be had.
    """
    return golang.module_folder(load_catalogue().module(name))


def bin_dir() -> Path:
    """The folder for PATH in which the programs are; it may not exist yet."""
    return open_store().bin


def missing() -> list[str]:
    """Names of the tools that are not present, in build order."""
    store = open_store()
    return [tool.name for tool in load_catalogue().tools.values() if store.path(tool) is None]


def main(arguments: list[str] | None = None, catalogue_file: Path = CATALOGUE_FILE) -> int:
    """Run one command; return 0, 1 when a tool or module is missing or failed, 2 on wrong use, 130 when interrupted."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options, load_catalogue(catalogue_file))
    except ToolchainError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; what is present stays", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=COMMAND, description="Programs and upstream files that tests need.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="make tools present; all of them by default")
    build.add_argument("names", nargs="*", metavar="NAME")
    build.add_argument("--from-source", action="store_true", help="do not try official downloads")
    status = commands.add_parser("status", help="show what is present; exit 1 when anything is missing")
    status.add_argument("--json", action="store_true")
    commands.add_parser("path", help="print the path of a program").add_argument("name")
    commands.add_parser("module", help="print the folder of an upstream Go module").add_argument("name")
    commands.add_parser("bin", help="print the folder that belongs on PATH")
    return parser


def _run(options: argparse.Namespace, catalogue: Catalogue) -> int:
    store = open_store()
    match options.command:
        case "build":
            names = options.names or catalogue.tools
            return build_tools([catalogue.tool(name) for name in names], store, from_source=options.from_source)
        case "status":
            return _print_status(catalogue, store, as_json=options.json)
        case "path":
            path = store.path(catalogue.tool(options.name))
            if path is None:
                raise ToolchainError(f"{options.name} is not present; run: {COMMAND} build {options.name}")
            print(path)
        case "module":
            print(golang.module_folder(catalogue.module(options.name)))
        case "bin":
            print(store.bin)
    return 0


def build_tools(tools: list[Tool], store: Store, *, from_source: bool) -> int:
    """Obtain tools one after the other, with one line each; return 1 when any failed, after all were tried."""
    obtainer = Obtainer(store, None if from_source else Downloader(), _notice)
    failed = []
    for tool in tools:
        start = time.monotonic()
        try:
            outcome = obtainer.obtain(tool)
        except ToolchainError as error:
            failed.append(tool.name)
            outcome = "FAILED"
            _notice(f"{tool.name}: {error}")
        print(f"{tool.name} {tool.version}: {outcome} ({time.monotonic() - start:.0f} s)", flush=True)
    if failed:
        _notice(f"failed: {', '.join(failed)}; the reasons are above")
    return 1 if failed else 0


def _print_status(catalogue: Catalogue, store: Store, *, as_json: bool) -> int:
    rows = [_status(tool, store) for tool in catalogue.tools.values()]
    if as_json:
        print(json.dumps(rows, indent=2, sort_keys=True))
    else:
        width = max(len(tool.name) for tool in catalogue.tools.values())
        for row in rows:
            where = f"{row['how']}, {row['source']}, {row['path']}" if row["path"] else "missing"
            print(f"{row['name']:<{width}}  {row['version']:<8}  {where}")
    return 0 if all(row["path"] for row in rows) else 1


def _status(tool: Tool, store: Store) -> dict[str, str | None]:
    path, receipt = store.path(tool), store.receipt(tool)
    if path is None or receipt is None:
        return {"name": tool.name, "version": tool.version, "path": None, "how": None, "source": None}
    return {
        "name": tool.name,
        "version": tool.version,
        "path": str(path),
        "how": receipt.how,
        "source": receipt.source,
    }


def _notice(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
