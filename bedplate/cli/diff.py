"""`bedplate diff`: what two environments say differently, against the list of what is meant to differ."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, plain_option, root_option


@click.command("diff")
@click.argument("first")
@click.argument("second")
@root_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 3 where something differs that is not expected.")
@json_option
@plain_option
def command(first: str, second: str, root: Path, detailed_exitcode: bool, as_json: bool, plain: bool) -> int:
    """Show what the environments FIRST and SECOND say differently, defaults included.

    What is meant to differ stands with its reason in environments/_differences.yaml; everything else comes first.
    """
    from bedplate.environment.expected import read_differences
    from bedplate.environment.load import load
    from bedplate.graph.values import pretty
    from bedplate.output.console import show
    from bedplate.output.differences import differences, differences_text

    report = differences(load(root, first), load(root, second), read_differences(root))
    if as_json:
        click.echo(pretty(report.to_json()), nl=False)
    else:
        show(differences_text(report), plain=plain)
    return int(report.exit_code(detailed=detailed_exitcode))
