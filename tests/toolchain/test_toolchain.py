"""The commands, and the functions that other tests use."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.toolchain import toolchain
from tests.toolchain.errors import ToolchainError
from tests.toolchain.recipes import load_catalogue
from tests.toolchain.support import Publisher, program, publisher, sha256, write_catalogue, write_go


@dataclass
class Bench:
    """A checkout, an empty cache, a publisher and a stand-in ``go`` command (which fails while ``broken`` exists)."""

    checkout: Path
    cache: Path
    server: Publisher
    broken: Path
    output: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> int:
        return toolchain.main(list(arguments), self.checkout / "tools.toml")

    def catalogue(self, **downloads: dict[str, str]) -> None:
        write_catalogue(self.checkout, downloads)

    def publish(self, name: str, version: str = "1.2.3") -> dict[str, str]:
        """Serve a program and return its download entry."""
        self.server.files[f"/{name}"] = program(version)
        return {"url": f"{self.server.url}/{name}", "sha256": sha256(program(version))}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    commands = tmp_path / "commands"
    commands.mkdir()
    broken = write_go(commands, tmp_path / "upstream")
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("BEDPLATE_TOOLS", str(tmp_path / "cache"))
    with publisher() as server:
        made = Bench(tmp_path / "checkout", tmp_path / "cache", server, broken, capsys)
        made.catalogue()
        yield made


def test_build_prefers_the_official_download_and_asks_for_it_once(bench: Bench) -> None:
    bench.catalogue(alpha=bench.publish("alpha"))
    assert bench.run("build", "alpha") == 0
    assert bench.output.readouterr().out.startswith("alpha 1.2.3: downloaded (")
    assert (bench.cache / "bin" / "alpha").read_bytes() == program("1.2.3")
    assert bench.run("build", "alpha") == 0
    assert bench.output.readouterr().out.startswith("alpha 1.2.3: present (")
    assert bench.server.requests == ["/alpha"]


def test_build_falls_back_to_source_and_says_why(bench: Bench) -> None:
    bench.catalogue(alpha={"url": f"{bench.server.url}/gone", "sha256": "0" * 64})
    assert bench.run("build") == 0
    shown = bench.output.readouterr()
    assert [line.split(" (")[0] for line in shown.out.splitlines()] == [
        "alpha 1.2.3: built from source",
        "beta 1.2.3: built from source",
    ]
    assert "alpha: no download:" in shown.err
    assert "HTTP status 404" in shown.err
    assert "beta: no download" not in shown.err


def test_build_from_source_asks_no_publisher(bench: Bench) -> None:
    bench.catalogue(alpha=bench.publish("alpha"))
    assert bench.run("build", "--from-source", "alpha") == 0
    assert "built from source" in bench.output.readouterr().out
    assert bench.server.requests == []


def test_a_forged_download_fails_its_tool_and_is_not_replaced_by_a_build(bench: Bench) -> None:
    bench.catalogue(alpha=bench.publish("alpha") | {"sha256": "0" * 64}, beta=bench.publish("beta"))
    assert bench.run("build") == 1
    shown = bench.output.readouterr()
    assert "alpha 1.2.3: FAILED" in shown.out
    assert "beta 1.2.3: downloaded" in shown.out
    assert f"expected {'0' * 64}; the file is not used" in shown.err
    assert not (bench.cache / "bin" / "alpha").exists()


def test_a_failed_build_shows_its_log_and_its_last_lines_and_leaves_nothing(bench: Bench) -> None:
    bench.broken.touch()
    assert bench.run("build", "alpha") == 1
    log = bench.cache / "logs" / "alpha.log"
    shown = bench.output.readouterr().err
    assert f"go build ended with status 3; log: {log}\ncompiling\nundefined: colour\n" in shown
    assert shown.endswith("failed: alpha; the reasons are above\n")
    assert log.read_text(encoding="utf-8") == "compiling\nundefined: colour\n"
    assert not (bench.cache / "store" / "alpha").exists()
    assert list((bench.cache / "scratch").iterdir()) == []


def test_a_program_that_reports_another_version_is_refused(bench: Bench) -> None:
    bench.catalogue(alpha=bench.publish("alpha", version="1.2.4"))
    assert bench.run("build", "alpha") == 1
    assert (
        "alpha version printed 'published 1.2.4' with status 0, expected version 1.2.3" in bench.output.readouterr().err
    )
    assert not (bench.cache / "bin" / "alpha").exists()


def test_a_build_stays_out_of_the_checkout(bench: Bench) -> None:
    before = sorted(path for path in bench.checkout.rglob("*"))
    assert bench.run("build") == 0
    assert sorted(path for path in bench.checkout.rglob("*")) == before


def test_status_tells_where_each_tool_came_from_and_fails_while_one_is_missing(bench: Bench) -> None:
    download = bench.publish("alpha")
    bench.catalogue(alpha=download)
    assert bench.run("build", "alpha") == 0
    bench.output.readouterr()

    assert bench.run("status") == 1
    alpha, beta = bench.output.readouterr().out.splitlines()
    assert alpha == f"alpha  1.2.3     downloaded, {download['url']}, {bench.cache / 'bin' / 'alpha'}"
    assert beta == "beta   1.2.3     missing"

    assert bench.run("build") == 0
    bench.output.readouterr()
    assert bench.run("status", "--json") == 0
    assert json.loads(bench.output.readouterr().out)[1] == {
        "name": "beta",
        "version": "1.2.3",
        "path": str(bench.cache / "bin" / "beta"),
        "how": "built from source",
        "source": "example.test/tool@v1.2.3",
    }


def test_path_prints_the_program_or_the_command_that_makes_it(bench: Bench) -> None:
    assert bench.run("path", "alpha") == 1
    assert bench.output.readouterr().err == (
        "alpha is not present; run: python -m tests.toolchain.toolchain build alpha\n"
    )
    assert bench.run("build", "alpha") == 0
    bench.output.readouterr()
    assert bench.run("path", "alpha") == 0
    assert bench.output.readouterr().out == f"{bench.cache / 'bin' / 'alpha'}\n"


def test_an_unknown_name_is_refused_before_anything_is_built(bench: Bench) -> None:
    assert bench.run("build", "alpha", "gamma") == 1
    shown = bench.output.readouterr()
    assert shown.out == ""
    assert shown.err == "unknown tool 'gamma'; tools.toml has: alpha, beta\n"


def test_module_prints_the_folder_of_upstream_files_or_the_reason(bench: Bench, tmp_path: Path) -> None:
    assert bench.run("module", "charts") == 0
    assert bench.output.readouterr().out == f"{tmp_path / 'upstream'}\n"
    bench.broken.touch()
    assert bench.run("module", "charts") == 1
    shown = bench.output.readouterr().err
    assert shown.startswith("example.test/tool@v1.2.3: module lookup disabled\n")
    assert "GOPROXY" in shown


def test_without_go_a_build_says_what_to_install(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert bench.run("build", "alpha") == 1
    assert "the go command is not on PATH; install Go" in bench.output.readouterr().err


def test_bin_names_the_folder_even_before_it_exists(bench: Bench) -> None:
    assert bench.run("bin") == 0
    assert bench.output.readouterr().out == f"{bench.cache / 'bin'}\n"
    assert toolchain.bin_dir() == bench.cache / "bin"


def test_in_an_empty_cache_every_tool_of_the_project_is_missing_in_build_order(bench: Bench) -> None:
    assert toolchain.missing() == list(load_catalogue().tools)
    assert toolchain.tool_path("etcd") is None


def test_asking_for_an_unknown_tool_or_module_is_an_error(bench: Bench) -> None:
    with pytest.raises(ToolchainError, match="unknown tool"):
        toolchain.tool_path("etcdd")
    with pytest.raises(ToolchainError, match="unknown module"):
        toolchain.module_dir("charts")
