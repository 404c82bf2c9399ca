"""`bedplate upgrade`: the reviewable edits that take an environment to another baseline, one commit each."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bedplate.cli.options import json_option, now_option, plain_option, root_option


@click.command("upgrade")
@click.argument("environment")
@root_option
@click.option("--to", metavar="BASELINE", help="Baseline to go to. Default: the newest of the catalogue.")
@click.option("--next", "take_next", is_flag=True, help="Write the edits of the next step into the environment file.")
@click.option(
    "--done-by-hand", is_flag=True, help="What the next step asks people to do first is done; only with --next."
)
@click.option("--commit", is_flag=True, help="Commit the step that was written; only with --next.")
@click.option("--check-gates", is_flag=True, help="Ask the cluster whether every gate is open; 1 where one is not.")
@click.option(
    "--kubeconfig",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --check-gates: how to reach the cluster. Default: KUBECONFIG, else ~/.kube/config.",
)
@click.option("--context", metavar="NAME", help="With --check-gates: context of the kubeconfig.")
@now_option
@json_option
@plain_option
def command(
    environment: str,
    root: Path,
    to: str | None,
    take_next: bool,
    done_by_hand: bool,
    commit: bool,
    check_gates: bool,
    kubeconfig: Path | None,
    context: str | None,
    today: date,
    as_json: bool,
    plain: bool,
) -> int:
    """Show the steps that take ENVIRONMENT to another baseline, take the next one, or check the gates behind it.

    Nothing is applied: a step is an edit of the environment file. Running it again continues where the file stands.
    """
    if (commit or done_by_hand) and not take_next:
        raise click.UsageError("--commit and --done-by-hand go with --next")
    if check_gates and take_next:
        raise click.UsageError("--check-gates looks at the step that was taken, --next takes another: one at a time")
    if (kubeconfig or context) and not check_gates:
        raise click.UsageError("--kubeconfig and --context go with --check-gates")
    if check_gates:
        from bedplate.cli.gating import check

        return check(root, environment, kubeconfig, context, as_json=as_json, plain=plain)
    from bedplate.cli.upgrading import planned, take_step
    from bedplate.graph.values import pretty
    from bedplate.output.console import show
    from bedplate.output.upgrade import upgrade_document, upgrade_text

    plan = planned(root, environment, to, today)
    if take_next:
        take_step(root, plan, done_by_hand=done_by_hand, commit=commit)
        plan = planned(root, environment, to, today)
    if as_json:
        click.echo(pretty(upgrade_document(plan, today)), nl=False)
    else:
        show(upgrade_text(plan), plain=plain)
    return 0
