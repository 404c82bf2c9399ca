"""`bedplate apply`: what the plan showed, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bedplate.cli.options import json_option, layers_option, plain_option, root_option

if TYPE_CHECKING:
    from bedplate.environment.stacks import Layer


@click.command("apply")
@click.argument("environment")
@root_option
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Plan written by `bedplate plan --out`; apply refuses if anything has changed since.",
)
@click.option("--base", metavar="REF", help="Commit that was applied last, where this repository does not know it.")
@layers_option
@click.option("--yes", is_flag=True, help="Do not ask before changing anything.")
@json_option
@plain_option
def command(
    environment: str,
    root: Path,
    plan_file: Path | None,
    base: str | None,
    layers: tuple[Layer, ...],
    yes: bool,
    as_json: bool,
    plain: bool,
) -> int:
    """Apply ENVIRONMENT with the Pulumi engine: plan, check the engine against it, ask, change, wait until Ready.

    An environment with sites is applied site by site; the first that fails ends it. Name one as ENVIRONMENT.SITE.
    """
    if base is not None and plan_file is not None:
        raise click.UsageError("--plan holds its own base: leave --base out")
    from bedplate.cli.applying import apply_environment
    from bedplate.environment.targets import targets_of
    from bedplate.graph.values import pretty

    targets = targets_of(root, environment)
    if plan_file is not None and len(targets) > 1:
        raise click.UsageError(f"--plan is of one site: name it, {' or '.join(targets)}")
    for target in targets:
        result = apply_environment(root, target, layers=layers, base=base, plan_file=plan_file, yes=yes, plain=plain)
        click.echo(pretty(result.to_json()) if as_json else result.verdict, nl=not as_json)
    return int(result.exit)
