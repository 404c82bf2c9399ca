"""`bedplate plan`: what changes, whether it is allowed, fits, and what it costs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bedplate.cli.options import json_option, now_option, plain_option, root_option, talk

if TYPE_CHECKING:
    from bedplate.output.plan import Plan


@click.command("plan")
@click.argument("environment")
@root_option
@click.option(
    "--base", metavar="REF", help="Commit to compare with. Default: the one last applied, else the merge base."
)
@click.option("--no-base", is_flag=True, help="Compare with nothing: everything is new.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the whole plan as JSON to a file.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 3 where changes are present.")
@now_option
@json_option
@plain_option
def command(
    environment: str,
    root: Path,
    base: str | None,
    no_base: bool,
    out: Path | None,
    detailed_exitcode: bool,
    today: date,
    as_json: bool,
    plain: bool,
) -> int:
    """Plan ENVIRONMENT without cloud, cluster or network; each site of it, where it has sites."""
    from bedplate.cli.planning import plan_environment
    from bedplate.environment.targets import targets_of
    from bedplate.output.exits import worst

    targets = targets_of(root, environment)
    if out and len(targets) > 1:
        raise click.UsageError(f"--out holds the plan of one site: name it, {' or '.join(targets)}")
    codes = []
    for target in targets:
        made = plan_environment(root, target, base=base, no_base=no_base, today=today)
        _show(made, out=out, as_json=as_json, plain=plain)
        codes.append(made.exit_code(detailed=detailed_exitcode))
    return int(worst(codes))


def _show(made: Plan, *, out: Path | None, as_json: bool, plain: bool) -> None:
    # Only now: what shows a plan imports much, and the base side would wait for it.
    from bedplate.graph.values import pretty
    from bedplate.model.files import write_atomic
    from bedplate.output.console import show
    from bedplate.output.text import plan_text

    for warning in made.review.resolved.warnings:
        talk(f"warning: {warning.render()}")
    document = pretty(made.to_json()) if out or as_json else ""
    if out:
        write_atomic(out, document.encode())
        talk(f"plan written to {out}")
    if as_json:
        click.echo(document, nl=False)
    else:
        show(plan_text(made), plain=plain)
