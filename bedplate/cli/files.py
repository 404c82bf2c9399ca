"""Files that a command keeps up to date: written where they differ, and said one by one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

import click

from bedplate.cli.errors import CommandError
from bedplate.graph.values import pretty
from bedplate.model.files import confined, write_atomic
from bedplate.output.documents.answers import FilesDocument

State: TypeAlias = Literal["kept", "same", "stale", "written"]


def write_files(root: Path, texts: Mapping[str, str], *, check: bool = False) -> dict[str, State]:
    """Make the files of `root` be `texts`; with `check`, only say which are not. Raises CommandError."""
    states: dict[str, State] = {}
    for relative, text in texts.items():
        path = confined(root, relative)
        data = text.encode()
        if path.is_file() and path.read_bytes() == data:
            states[relative] = "same"
            continue
        states[relative] = "stale" if check else "written"
        if not check:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(path, data)
            except OSError as error:
                raise CommandError(f"{relative} cannot be written: {error.strerror}") from error
    return states


def show_files(states: Mapping[str, State], *, as_json: bool) -> None:
    """Say what became of each file."""
    if as_json:
        document: FilesDocument = {
            "schema": "bedplate.files/v1",
            "files": [{"path": path, "state": state} for path, state in sorted(states.items())],
        }
        click.echo(pretty(document), nl=False)
    else:
        for path, state in sorted(states.items()):
            click.echo(f"{state:<7}  {path}")
