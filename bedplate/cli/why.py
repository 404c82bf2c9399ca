"""`bedplate why`: which entry of the environment makes an object."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, plain_option, root_option


@click.command("why")
@click.argument("environment")
@click.argument("object_name", metavar="OBJECT")
@root_option
@json_option
@plain_option
def command(environment: str, object_name: str, root: Path, as_json: bool, plain: bool) -> int:
    """Show why ENVIRONMENT has OBJECT: "Kind namespace/name", a name alone, or a URN."""
    from bedplate.cli.pipeline import derived
    from bedplate.environment.load import load
    from bedplate.graph.values import pretty
    from bedplate.output.console import show
    from bedplate.output.origin import origin_text, why

    resolved = load(root, environment)
    found = why(resolved, derived(resolved), object_name)
    if as_json:
        click.echo(pretty(found.to_json()), nl=False)
    else:
        show(origin_text(found), plain=plain)
    return 0
