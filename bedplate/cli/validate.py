"""`bedplate validate`: load and cross-check environments."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, plain_option, root_option


@click.command("validate")
@click.argument("environments", nargs=-1, metavar="[ENVIRONMENT]...")
@root_option
@json_option
@plain_option
def command(environments: tuple[str, ...], root: Path, as_json: bool, plain: bool) -> int:
    """Load and cross-check every ENVIRONMENT named, or all of them; say every problem at once."""
    from bedplate.graph.values import pretty
    from bedplate.output.console import show
    from bedplate.output.validation import validate, validation_text

    report = validate(root, environments)
    if as_json:
        click.echo(pretty(report.to_json()), nl=False)
    else:
        show(validation_text(report), plain=plain)
    return int(report.exit)
