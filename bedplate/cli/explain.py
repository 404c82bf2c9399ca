"""`bedplate explain`: where a value of an environment comes from."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, plain_option, root_option


@click.command("explain")
@click.argument("environment")
@click.argument("path", default="")
@root_option
@json_option
@plain_option
def command(environment: str, path: str, root: Path, as_json: bool, plain: bool) -> int:
    """Explain the value at PATH of ENVIRONMENT, such as nodePools[l4].size.max; without PATH, the whole of it."""
    from bedplate.environment.resolve import resolve
    from bedplate.graph.values import pretty
    from bedplate.output.console import show
    from bedplate.output.explanation import explain, explanation_text

    found = explain(resolve(root, environment), path)
    if as_json:
        click.echo(pretty(found.to_json()), nl=False)
    else:
        show(explanation_text(found), plain=plain)
    return 0
