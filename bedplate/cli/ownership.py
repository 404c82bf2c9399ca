"""Keep the CODEOWNERS file at what the environments say."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from bedplate.cli.errors import CommandError
from bedplate.environment.environment import Environment
from bedplate.environment.load import load
from bedplate.environment.targets import environment_names, targets_of
from bedplate.model.files import confined, read_confined, write_atomic
from bedplate.output.codeowners import UnownedError, codeowners, with_block
from bedplate.output.documents.answers import CodeownersDocument
from bedplate.output.exits import Exit

# GitHub does not load a larger file ("About code owners", read 2026-11).
LIMIT = 3 * 1024**2


def update_codeowners(root: Path, place: str, *, check: bool) -> CodeownersDocument:
    """Write the file at `place` where it is not up to date, unless `check` is set; say what became of it.

    Raises InputError where an environment does not load or the path leaves the repository, CommandError where a path
    would be nobody's or the file's marks are broken.
    """
    path = confined(root, place)
    try:
        block = codeowners(_environments(root), place)
    except UnownedError as error:
        message = f"paths would be nobody's, and a host lets everyone approve those:\n{error}"
        raise CommandError(message, Exit.USAGE) from None
    before = read_confined(root, place, limit=LIMIT).decode(errors="replace") if path.exists() else ""
    try:
        after = with_block(before, block)
    except ValueError as error:
        raise CommandError(f"{place}: {error}", Exit.USAGE) from None
    if len(after.encode()) > LIMIT:
        raise CommandError(f"{place} would have more than {LIMIT:,} bytes, which GitHub does not load", Exit.USAGE)
    if before == after:
        return _done(place, "up to date")
    if check:
        return _done(place, "out of date")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, after.encode())
    return _done(place, "written")


def _done(place: str, state: Literal["up to date", "out of date", "written"]) -> CodeownersDocument:
    return {"schema": "bedplate.codeowners/v1", "path": place, "state": state}


def _environments(root: Path) -> tuple[Environment, ...]:
    """Every environment once: its sites share its owners."""
    return tuple(load(root, targets_of(root, name)[0]).environment for name in environment_names(root))
