"""`bedplate destroy`: tear an environment down, dependants first, and say what is left."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, root_option


@click.command("destroy")
@click.argument("environment")
@root_option
@click.option("--confirm", metavar="NAME", help="Name of the environment again, instead of being asked for it.")
@json_option
def command(environment: str, root: Path, confirm: str | None, as_json: bool) -> int:
    """Delete everything that ENVIRONMENT made. Production and protected data are refused."""
    from bedplate.cli.destroying import destroy_environment
    from bedplate.graph.values import pretty

    result = destroy_environment(root, environment, confirm=confirm)
    click.echo(pretty(result.to_json()) if as_json else result.verdict, nl=not as_json)
    return int(result.exit)
