"""`bedplate owners`: who answers for what in an environment, and who approves which change."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, plain_option, root_option


@click.command("owners")
@click.argument("environment")
@root_option
@json_option
@plain_option
def command(environment: str, root: Path, as_json: bool, plain: bool) -> int:
    """Show the map of responsibility of ENVIRONMENT, whom to call, and who approves which change."""
    from bedplate.environment.load import load
    from bedplate.graph.values import pretty
    from bedplate.output.console import show
    from bedplate.output.owners import Owners, owners_text

    owners = Owners(environment, load(root, environment).environment)
    if as_json:
        click.echo(pretty(owners.to_json()), nl=False)
    else:
        show(owners_text(owners), plain=plain)
    return 0
