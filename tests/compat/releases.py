"""Released versions: the environments of each with the record that it made of them, and what later ones may break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from bedplate.cli.compatibility import compared
from bedplate.output.compat import Compat

FOLDER = Path(__file__).resolve().parent
ACCEPTED = FOLDER / "accepted.yaml"


def releases() -> tuple[str, ...]:
    """Their names, the oldest first."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/record.json")))


def held_against(release: str) -> Compat:
    """This version over the files of `release`, held against what that version made of them."""
    return compared(FOLDER / release, FOLDER / release / "record.json")


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
    rows = yaml.safe_load(ACCEPTED.read_text(encoding="utf-8")).get(release, {})
    for entries in rows.values():
        assert all(set(entry) == {"text", "reason", "do"} for entry in entries)
    return {(place, entry["text"]) for place, entries in rows.items() for entry in entries}
