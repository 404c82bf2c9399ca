"""`bedplate codeowners`: the repository's CODEOWNERS file, from the decision rights of its environments."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, root_option, talk


@click.command("codeowners")
@root_option
@click.option("--to", "place", metavar="PATH", help="File below the root. Default: .github/CODEOWNERS.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 7 where the file is not up to date.")
@json_option
def command(root: Path, place: str | None, check: bool, as_json: bool) -> int:
    """Write who approves which path, into a marked block; lines before the block stay as they are."""
    from bedplate.cli.ownership import update_codeowners
    from bedplate.graph.values import pretty
    from bedplate.output.codeowners import DEFAULT_PLACE
    from bedplate.output.exits import Exit

    done = update_codeowners(root, place or DEFAULT_PLACE, check=check)
    click.echo(pretty(done) if as_json else f"{done['path']}: {done['state']}\n", nl=False)
    if done["state"] == "out of date":
        talk("next: bedplate codeowners" + ("" if place is None else f" --to {place}"))
        return int(Exit.INTEGRITY)
    return int(Exit.OK)
