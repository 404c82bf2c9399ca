"""What identifies a build, and the catalogue that the project ships."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.toolchain.errors import ToolchainError
from tests.toolchain.recipes import FOLDER, EmbeddedFile, Module, Tool, load_catalogue
from tests.toolchain.support import write_catalogue

CATALOGUE = load_catalogue()
TOOLS = list(CATALOGUE.tools.values())


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    return load_catalogue(write_catalogue(tmp_path, {})).tool("alpha")


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "main.go"])
def test_the_digest_follows_every_file_of_the_wrapper_module(tool: Tool, name: str) -> None:
    before = tool.digest()
    with (tool.module.folder / name).open("a", encoding="utf-8") as file:
        file.write("// changed\n")
    assert tool.digest() != before


def test_the_digest_follows_a_file_that_joins_the_wrapper_module(tool: Tool) -> None:
    before = tool.digest()
    (tool.module.folder / "extra.go").write_text("package main\n", encoding="utf-8")
    assert tool.digest() != before


@pytest.mark.parametrize(
    "change",
    [
        {"version": "1.2.4"},
        {"package": "example.test/tool/cmd/other"},
        {"variables": {"example.test/tool.Version": "v1.2.3"}},
        {"tags": ("netgo",)},
        {"embed": (EmbeddedFile("schema.json", {"version": "1.2.3"}),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_follows_every_setting_that_decides_what_is_built(tool: Tool, change: dict[str, object]) -> None:
    assert replace(tool, **change).digest() != tool.digest()  # type: ignore[arg-type]


def test_the_digest_ignores_what_does_not_decide_what_is_built(tool: Tool) -> None:
    before = tool.digest()
    (tool.module.folder / "README.md").write_text("notes\n", encoding="utf-8")
    assert replace(tool, minutes=9.0, downloads={}).digest() == before
    assert re.fullmatch("[0-9a-f]{12}", before)


def test_linker_variables_and_tags_reach_the_go_command_in_a_fixed_order(tool: Tool) -> None:
    changed = replace(tool, variables={"b.V": "2", "a.V": "1"}, tags=("x", "y"))
    assert changed.build_arguments() == [
        "-mod=readonly",
        "-trimpath",
        "-buildvcs=false",
        "-tags=x,y",
        "-ldflags=-s -w -X a.V=1 -X b.V=2",
        "example.test/tool/cmd/alpha",
    ]


def test_an_unknown_tool_or_module_is_refused_with_the_known_names() -> None:
    with pytest.raises(ToolchainError, match=r"unknown tool 'etcdd'.*etcd, kube-apiserver"):
        CATALOGUE.tool("etcdd")
    with pytest.raises(ToolchainError, match=r"unknown module 'kueue'.*kserve, gateway-api"):
        CATALOGUE.module("kueue")


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_every_wrapper_module_requires_the_version_that_the_catalogue_names(tool: Tool) -> None:
    requirements = (tool.module.folder / "go.mod").read_text(encoding="utf-8")
    assert re.search(rf"^require {re.escape(tool.module.path)} {re.escape(tool.module.version)}$", requirements, re.M)


@pytest.mark.parametrize(
    "module",
    [*CATALOGUE.modules.values(), *(tool.module for tool in TOOLS)],
    ids=lambda module: f"{module.folder.name}-{module.path.split('/')[-1]}",
)
def test_every_module_that_is_read_or_built_has_its_checksum_in_a_committed_go_sum(module: Module) -> None:
    sums = (module.folder / "go.sum").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith(f"{module.path} {module.version} h1:") for line in sums)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_every_download_is_of_the_tools_version_and_can_be_checked(tool: Tool) -> None:
    for download in tool.downloads.values():
        assert download.url.startswith("https://")
        assert f"v{tool.version}" in download.url
        if download.sha256 is None:
            assert download.checksums_url is not None
            assert download.checksums_url.startswith("https://")
            assert tool.version in download.checksums_url
        else:
            assert re.fullmatch("[0-9a-f]{64}", download.sha256)


def test_wrapper_folders_hold_nothing_but_pins_and_our_own_few_lines() -> None:
    for folder in {tool.module.folder for tool in TOOLS}:
        source = "main.go" if folder.name == "pulumi-kubernetes" else "tools.go"
        assert sorted(path.name for path in folder.iterdir()) == ["go.mod", "go.sum", source]
        assert len((folder / source).read_text(encoding="utf-8").splitlines()) < 40
        assert folder.parent == FOLDER
