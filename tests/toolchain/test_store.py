"""The cache of binaries."""

from pathlib import Path

import pytest

from tests.toolchain.recipes import Tool, load_catalogue
from tests.toolchain.store import Receipt, Store
from tests.toolchain.support import write_catalogue

RECEIPT = Receipt("downloaded", "https://example.test/alpha")


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    return load_catalogue(write_catalogue(tmp_path / "checkout", {})).tool("alpha")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def install(store: Store, tool: Tool, content: str) -> None:
    binary = store.scratch(tool) / tool.name
    binary.write_text(content, encoding="utf-8")
    store.install(tool, binary, RECEIPT)


def test_a_tool_is_present_once_it_is_installed_and_linked(store: Store, tool: Tool) -> None:
    assert store.receipt(tool) is None
    install(store, tool, "one")
    assert store.path(tool) is None
    store.link(tool)
    assert store.path(tool) == store.bin / "alpha"
    assert store.receipt(tool) == RECEIPT
    assert store.entry(tool) == store.root / "store" / "alpha" / f"1.2.3-{tool.digest()}"


def test_bin_holds_hard_links_because_pulumi_resolves_symbolic_ones(store: Store, tool: Tool) -> None:
    install(store, tool, "one")
    store.link(tool)
    assert not (store.bin / "alpha").is_symlink()
    assert (store.bin / "alpha").samefile(store.entry(tool) / "alpha")


def test_another_recipe_makes_the_tool_missing_until_it_is_built_and_coming_back_needs_no_build(
    store: Store, tool: Tool
) -> None:
    install(store, tool, "one")
    store.link(tool)
    pins = tool.module.folder / "go.sum"
    original = pins.read_text(encoding="utf-8")

    pins.write_text(original + "example.test/new v1.0.0 h1:two=\n", encoding="utf-8")
    assert store.path(tool) is None
    assert store.receipt(tool) is None
    install(store, tool, "two")
    store.link(tool)
    assert (store.bin / "alpha").read_text(encoding="utf-8") == "two"

    pins.write_text(original, encoding="utf-8")
    assert store.path(tool) is None
    assert store.receipt(tool) == RECEIPT
    store.link(tool)
    assert (store.bin / "alpha").read_text(encoding="utf-8") == "one"


def test_linking_twice_leaves_nothing_beside_the_program(store: Store, tool: Tool) -> None:
    install(store, tool, "one")
    store.link(tool)
    store.link(tool)
    assert [path.name for path in store.bin.iterdir()] == ["alpha"]


def test_an_entry_that_lost_its_program_is_replaced(store: Store, tool: Tool) -> None:
    install(store, tool, "one")
    (store.entry(tool) / "alpha").unlink()
    assert store.receipt(tool) is None
    install(store, tool, "two")
    assert (store.entry(tool) / "alpha").read_text(encoding="utf-8") == "two"


def test_scratch_starts_empty_after_an_interrupted_run(store: Store, tool: Tool) -> None:
    (store.scratch(tool) / "half").write_text("half", encoding="utf-8")
    assert list(store.scratch(tool).iterdir()) == []
