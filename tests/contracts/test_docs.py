"""What the pages say is there: links lead somewhere, commands and options exist, nothing is left out of a list."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from bedplate.cli.main import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_CALL = re.compile(r"`(bedplate [^`]+)`|^ *(bedplate .+)$", re.MULTILINE)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Files that `page` leads to inside the repository, each with the heading that is meant."""
    for target in _LINK.findall(_FENCE.sub("", text(page))):
        if "://" not in target and not target.startswith("mailto:"):
            path, _, anchor = target.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def anchors(page: Path) -> set[str]:
    """Headings as their host names them in addresses."""
    headings = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def calls(page: Path) -> Iterator[list[str]]:
    """Every call of `bedplate` on `page`, as words; what follows a comment, a pipe or another command is left out."""
    for inline, line in _CALL.findall(text(page).replace("\\\n", " ")):
        words = shlex.split((inline or line).replace("…", ""), comments=True)
        ends = [index for index, word in enumerate(words) if word in ("|", "&&", ">", ";")]
        yield words[1 : ends[0] if ends else None]


def options(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target), f"{target}#{anchor}"


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = {README}, [README]
    while waiting:
        found = {target for target, _ in links(waiting.pop()) if target.suffix == ".md"} - reached
        reached |= found
        waiting += found
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_that_a_page_writes_exists(page: Path) -> None:
    for words in calls(page):
        named = [word for word in words if not word.startswith("-")]
        if named and named[0] == "COMMAND":
            continue
        wrong = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        if named:
            assert named[0] in COMMANDS, words
            command = cli.get_command(click.Context(cli), named[0])
            assert command is not None
            wrong -= options(command)
        assert wrong - options(cli) - {"--help", "--version"} == set(), words


def test_the_readme_names_every_command() -> None:
    assert {words[0] for words in calls(README) if words} >= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_yaml_on_a_page_can_be_read(page: Path) -> None:
    for language, block in _FENCE.findall(text(page)):
        if language == "yaml":
            assert yaml.safe_load(block), block


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "adr"
    listed = [target.name for target, _ in links(folder / "README.md")]
    assert listed == sorted(file.name for file in folder.glob("0*.md"))


def test_the_architecture_names_every_package() -> None:
    page = text(ROOT / "docs" / "explanation" / "architecture.md")
    packages = {file.parent.name for file in (ROOT / "bedplate").glob("*/__init__.py")}
    assert [name for name in sorted(packages) if f"bedplate.{name}`" not in page] == []
