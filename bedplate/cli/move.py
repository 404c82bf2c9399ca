"""`bedplate move`: bring the state of a stack to where the environment says that it belongs."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, root_option


@click.command("move")
@click.argument("stack")
@click.option("--from", "source", metavar="URL", required=True, help="Pulumi backend that holds the state now.")
@root_option
@json_option
def command(stack: str, source: str, root: Path, as_json: bool) -> int:
    """Bring the state of STACK, such as prod.bootstrap, from another backend to state.backend."""
    from bedplate.cli.moving import move_state
    from bedplate.graph.values import pretty

    result = move_state(root, stack, source)
    click.echo(pretty(result.to_json()) if as_json else result.verdict, nl=not as_json)
    return int(result.exit)
