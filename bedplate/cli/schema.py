"""`bedplate schema`: JSON Schemas of the files that people write."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, root_option, talk


@click.command("schema")
@root_option
@click.option("--check", is_flag=True, help="Write nothing; exit with 7 where a schema is not up to date.")
@json_option
def command(root: Path, check: bool, as_json: bool) -> int:
    """Write environments/schema/*.json, with the repository's own components in them. Editors check files by them."""
    from bedplate.cli.files import show_files, write_files
    from bedplate.output.exits import Exit
    from bedplate.output.file_schemas import file_schemas

    states = write_files(root, file_schemas(root), check=check)
    show_files(states, as_json=as_json)
    if "stale" in states.values():
        talk("next: bedplate schema")
        return int(Exit.INTEGRITY)
    return int(Exit.OK)
