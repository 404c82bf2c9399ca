"""Released versions: the environments of each with the record that it made of them, and what later ones may break."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from bedplate.cli.compatibility import read_record, recorded_as
from bedplate.output.compat import Compat, compat

FOLDER = Path(__file__).resolve().parent
ACCEPTED = FOLDER / "accepted.yaml"


def releases() -> tuple[str, ...]:
    """Their names, the oldest first."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/record.json")))


def held_against(release: str) -> Compat:
    """This version over the files of `release`, held against what that version made of them."""
    before = read_record(FOLDER / release / "record.json")
    with TemporaryDirectory() as folder:
        made = recorded_as(edited(release, Path(folder) / release), date.fromisoformat(before["day"]))
    # The record is of the files before they were edited.
    return compat(before, {**made, "files": before["files"]})


def edited(release: str, root: Path) -> Path:
    """Copy the files of `release` to `root`, changed as far as they must be before this version takes them."""
    shutil.copytree(FOLDER / release, root)
    for edit in _table(release).get("edits", ()):
        path = root / edit["file"]
        text = path.read_text(encoding="utf-8")
        assert text.count(edit["find"]) == 1, f"{edit['find']!r} is not once in {edit['file']}"
        path.write_text(text.replace(edit["find"], edit["replace"]), encoding="utf-8")
    return root


def broken(found: Compat) -> Iterator[tuple[str, str]]:
    """What breaks, each with the environment that it breaks, or ``files`` for what may no longer be written."""
    yield from (("files", text) for text in (*found.keys, *(f"{name} is not written" for name in found.formats)))
    for item in found.environments:
        texts = [item.problem] if item.problem else []
        texts += [f"deletes {urn}" for urn in item.gone]
        texts += [f"replaces {text}" for text in item.replaced]
        texts += [f"blocks {found['policy']}: {found['object']}" for found in item.new_findings if found["blocks"]]
        yield from ((item.name, text) for text in texts)


def accepted(release: str) -> set[tuple[str, str]]:
    """What is broken on purpose."""
    rows = {place: entries for place, entries in _table(release).items() if place != "edits"}
    for entries in rows.values():
        assert all(set(entry) == {"text", "reason", "do"} for entry in entries)
    return {(place, entry["text"]) for place, entries in rows.items() for entry in entries}


def _table(release: str) -> dict[str, list[dict[str, str]]]:
    return dict(yaml.safe_load(ACCEPTED.read_text(encoding="utf-8")).get(release, {}))
