"""`bedplate lock`: every image, chart and model file with its digest, and charts expanded."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, root_option, talk


@click.command("lock")
@click.argument("environment")
@root_option
@click.option("--check", is_flag=True, help="Write nothing; exit with 7 where the lock is not up to date.")
@click.option(
    "--chart",
    "charts",
    multiple=True,
    metavar="NAME=PATH",
    help="Expand add-on NAME from a chart archive or folder (needs helm). May be given several times.",
)
@json_option
def command(environment: str, root: Path, check: bool, charts: tuple[str, ...], as_json: bool) -> int:
    """Write environments/ENVIRONMENT.lock.yaml."""
    from bedplate.cli.locking import update_lock
    from bedplate.graph.values import pretty
    from bedplate.output.plan import Exit
    from bedplate.output.wording import many

    result = update_lock(root, environment, check=check, charts=charts)
    if as_json:
        click.echo(pretty(result.lock.model_dump(mode="json", by_alias=True)), nl=False)
    else:
        click.echo(result.verdict)
        for line in result.changes:
            click.echo(f"  {line}")
        for reference in result.lock.unresolved:
            click.echo(f"  unresolved  {reference}")
    if check and result.stale:
        talk(f"next: bedplate lock {environment}")
        return int(Exit.INTEGRITY)
    folded = [chart.name for chart in result.lock.charts if chart.vendored is None]
    if folded and not check:
        text = f"{many(len(folded), 'chart')} not vendored: {', '.join(folded)}"
        talk(f"{text}; next: bedplate lock {environment} --chart {folded[0]}=PATH, and so for each")
    return int(Exit.OK)
