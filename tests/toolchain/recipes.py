"""The tools and upstream modules that tests need, as listed in ``tools.toml``, and what identifies a build."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.toolchain.errors import ToolchainError

FOLDER = Path(__file__).resolve().parent
CATALOGUE_FILE = FOLDER / "tools.toml"


@dataclass(frozen=True)
class Module:
    """A Go module at one version; ``folder`` is the wrapper module whose go.sum holds its checksum."""

    path: str
    version: str
    folder: Path


@dataclass(frozen=True)
class EmbeddedFile:
    """A file of the tool's module that the wrapper's main.go embeds; ``values`` are top-level JSON keys to set."""

    path: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Download:
    """The publisher's file for one platform.

    ``member`` is the program's path inside a tar archive; None when the file is the program itself. One of ``sha256``
    (hex) and ``checksums_url`` (the publisher's checksum list) is set.
    """

    url: str
    member: str | None = None
    sha256: str | None = None
    checksums_url: str | None = None


@dataclass(frozen=True)
class Tool:
    """A program that tests run; ``name`` is also the name of its binary.

    ``version`` has no leading "v". ``minutes`` is a rough build time, for messages only. An empty ``version_args``
    means that the program cannot print its version.
    """

    name: str
    version: str
    module: Module
    package: str
    minutes: float
    variables: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    version_args: tuple[str, ...] = ()
    embed: tuple[EmbeddedFile, ...] = ()
    downloads: Mapping[str, Download] = field(default_factory=dict)

    def build_arguments(self) -> list[str]:
        """Arguments of ``go build`` that decide what the binary contains."""
        variables = [f"-X {name}={value}" for name, value in sorted(self.variables.items())]
        return [
            "-mod=readonly",
            "-trimpath",
            "-buildvcs=false",
            f"-tags={','.join(self.tags)}",
            f"-ldflags={' '.join(['-s', '-w', *variables])}",
            self.package,
        ]

    def source_files(self) -> list[Path]:
        """The wrapper module's own files, sorted by name."""
        folder = self.module.folder
        return sorted(path for path in folder.iterdir() if path.suffix == ".go" or path.name in {"go.mod", "go.sum"})

    def digest(self) -> str:
        """First 12 hex digits of the SHA-256 over the wrapper module's files and the build arguments."""
        recipe = {
            "arguments": self.build_arguments(),
            "embed": [[item.path, dict(item.values)] for item in self.embed],
            "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in self.source_files()},
            "version": self.version,
        }
        return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Catalogue:
    """All tools, in build order, and all upstream modules that tests read, by name."""

    tools: Mapping[str, Tool]
    modules: Mapping[str, Module]

    def tool(self, name: str) -> Tool:
        """The tool of that name, or a ToolchainError that lists the known names."""
        if name not in self.tools:
            raise ToolchainError(f"unknown tool {name!r}; tools.toml has: {', '.join(self.tools)}")
        return self.tools[name]

    def module(self, name: str) -> Module:
        """The upstream module of that name, or a ToolchainError that lists the known names."""
        if name not in self.modules:
            raise ToolchainError(f"unknown module {name!r}; tools.toml has: {', '.join(self.modules)}")
        return self.modules[name]


def load_catalogue(path: Path = CATALOGUE_FILE) -> Catalogue:
    """Read a catalogue; wrapper folders are looked up beside the file."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    tools = {name: _tool(name, table, path.parent) for name, table in document["tools"].items()}
    modules = {
        name: Module(table["module"], table["version"], path.parent / table["folder"])
        for name, table in document["modules"].items()
    }
    return Catalogue(tools, modules)


def _tool(name: str, table: dict[str, Any], root: Path) -> Tool:
    version = table["version"]
    return Tool(
        name=name,
        version=version,
        module=Module(table["module"], table.get("module_version", f"v{version}"), root / table["folder"]),
        package=table["package"],
        minutes=table["minutes"],
        variables=table.get("variables", {}),
        tags=tuple(table.get("tags", ())),
        version_args=tuple(table.get("version_args", ())),
        embed=tuple(EmbeddedFile(item["path"], item.get("set", {})) for item in table.get("embed", ())),
        downloads={platform: Download(**item) for platform, item in table.get("download", {}).items()},
    )
