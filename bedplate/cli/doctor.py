"""`bedplate doctor`: what is missing on this machine and in this repository, each with a fix."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bedplate.cli.options import json_option, now_option, root_option


@click.command("doctor")
@root_option
@now_option
@json_option
def command(root: Path, today: date, as_json: bool) -> int:
    """Check tools, locks, prices and waivers. Exit code 1 where something that apply needs is missing."""
    from bedplate.cli.checkup import check_up, verdict
    from bedplate.graph.values import pretty

    checks = check_up(root, today)
    failed = [check for check in checks if check.state == "missing"]
    if as_json:
        document = {"schema": "bedplate.doctor/v1", "checks": [check.to_json() for check in checks]}
        click.echo(pretty(document), nl=False)
        return 1 if failed else 0
    click.echo(verdict(checks))
    width = max(len(check.name) for check in checks)
    for check in checks:
        click.echo(f"  {check.state:8} {check.name:{width}}  {check.found}")
        if check.fix:
            click.echo(f"  {'':8} {'':{width}}  fix: {check.fix}")
    return 1 if failed else 0
