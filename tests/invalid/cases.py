"""Bad inputs as data: one change to the shipped `dev` environment, and the whole message that it must give."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from bedplate.environment.load import load
from bedplate.model.source import InputError
from tests.support.environments import PLATFORM

CASES = Path(__file__).resolve().parent / "cases"
STARTS = CASES.parent / "starts"


@dataclass(frozen=True)
class Case:
    """`find` (once in `file`) becomes `replace`, and `files` are added; loading `target` must then fail with exactly
    `expect`. `start` names a file of starts/: changes that come before and give a valid environment.
    """

    group: str
    name: str
    file: str
    find: str
    replace: str
    expect: str
    files: Mapping[str, str]
    target: str
    start: str = ""

    def __str__(self) -> str:
        return f"{self.group}: {self.name}"


def cases() -> Iterator[Case]:
    """Every case, in the order of the files."""
    for path in sorted(CASES.glob("*.yaml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield Case(
                group=path.stem,
                name=item["name"],
                file=item.get("file", "environments/dev.yaml"),
                find=item.get("find", ""),
                replace=item.get("replace", ""),
                expect=item.get("expect", ""),
                files=item.get("files", {}),
                target=item.get("target", "dev"),
                start=item.get("start", ""),
            )


def message_of(case: Case, folder: Path) -> str:
    """What loading the case's target says once `case` is applied to a copy below `folder`."""
    shutil.copytree(PLATFORM / "environments", folder / "environments")
    if case.start:
        begin(case.start, folder)
    for name, content in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    if case.find:
        _change(folder / case.file, case.find, case.replace)
    try:
        load(folder, case.target)
    except InputError as error:
        return str(error) + "\n"
    return ""


def begin(start: str, folder: Path) -> None:
    """Make the changes of `start` in a copy below `folder`: files with a `text` are new."""
    for item in yaml.safe_load((STARTS / f"{start}.yaml").read_text(encoding="utf-8")):
        if "text" in item:
            (folder / item["file"]).parent.mkdir(parents=True, exist_ok=True)
            (folder / item["file"]).write_text(item["text"], encoding="utf-8")
        else:
            _change(folder / item["file"], item["find"], item["replace"])


def _change(target: Path, find: str, replace: str) -> None:
    text = target.read_text(encoding="utf-8")
    assert text.count(find) == 1, f"{find!r} stands {text.count(find)} times in {target.name}"
    target.write_text(text.replace(find, replace), encoding="utf-8")
