"""`bedplate graph`: the resource graph as Mermaid, DOT or JSON."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, root_option


@click.command("graph")
@click.argument("environment")
@root_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "dot", "json"]),
    default="mermaid",
    show_default=True,
    help="What to write.",
)
@click.option(
    "--derived/--no-derived", default=True, show_default=True, help="With the objects that controllers will make."
)
@json_option
def command(environment: str, root: Path, form: str, derived: bool, as_json: bool) -> int:
    """Write the resource graph of ENVIRONMENT to stdout. --json is --format json."""
    from bedplate.cli.pipeline import derived as with_derived
    from bedplate.environment.load import load
    from bedplate.graph.values import pretty
    from bedplate.output.views import dot, mermaid, without_derived

    graph = with_derived(load(root, environment))
    if not derived:
        graph = without_derived(graph)
    if as_json or form == "json":
        click.echo(pretty(graph.to_json()), nl=False)
    else:
        click.echo(mermaid(graph) if form == "mermaid" else dot(graph), nl=False)
    return 0
