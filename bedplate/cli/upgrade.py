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
    "--done-by-hand", is_flag=True, help="What the next step asks people to do first is done; with --next or --run."
)
@click.option("--commit", is_flag=True, help="Commit the step that was written; only with --next.")
@click.option(
    "--run",
    "run_steps",
    is_flag=True,
    help="Take one step after the other: commit, apply, wait for the gates; take a step back whose gates stay shut.",
)
@click.option("--until", metavar="STEP", help="With --run: the last step to take. Default: all.")
@click.option(
    "--gate-minutes",
    type=click.FloatRange(min=0),
    default=30,
    show_default=True,
    help="With --run: minutes that gates may stay shut after a step was applied.",
)
@click.option("--yes", is_flag=True, help="With --run: do not ask before anything is changed.")
@click.option("--check-gates", is_flag=True, help="Ask the cluster whether every gate is open; 1 where one is not.")
@click.option(
    "--kubeconfig",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --check-gates or --run: how to reach the cluster. Default: KUBECONFIG, else ~/.kube/config.",
)
@click.option("--context", metavar="NAME", help="With --check-gates or --run: context of the kubeconfig.")
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
    run_steps: bool,
    until: str | None,
    gate_minutes: float,
    yes: bool,
    check_gates: bool,
    kubeconfig: Path | None,
    context: str | None,
    today: date,
    as_json: bool,
    plain: bool,
) -> int:
    """Show the steps that take ENVIRONMENT to another baseline, take the next one, check the gates behind it, or run.

    A step is an edit of the environment file, and one commit. Running again continues where the file stands.
    """
    _refuse_mixed(
        take_next=take_next, run_steps=run_steps, check_gates=check_gates, commit=commit, done_by_hand=done_by_hand
    )
    if (until or yes) and not run_steps:
        raise click.UsageError("--until and --yes go with --run")
    if (kubeconfig or context) and not check_gates and not run_steps:
        raise click.UsageError("--kubeconfig and --context go with --check-gates or --run")
    if check_gates:
        from bedplate.cli.gating import check

        return check(root, environment, kubeconfig, context, as_json=as_json, plain=plain)
    if run_steps:
        from bedplate.cli.gate_wait import Watchman
        from bedplate.cli.upgrade_run import Order, run_and_tell

        watchman = Watchman(kubeconfig, context, gate_minutes)
        order = Order(
            to=to, until=until, done_by_hand=done_by_hand, yes=yes, plain=plain, today=today, watchman=watchman
        )
        return run_and_tell(root, environment, order, as_json=as_json)
    return _show(root, environment, to, today, take_next, done_by_hand, commit, as_json=as_json, plain=plain)


def _refuse_mixed(*, take_next: bool, run_steps: bool, check_gates: bool, commit: bool, done_by_hand: bool) -> None:
    if done_by_hand and not (take_next or run_steps):
        raise click.UsageError("--done-by-hand goes with --next or --run")
    if commit and not take_next:
        raise click.UsageError("--commit goes with --next; --run commits every step")
    if check_gates and (take_next or run_steps):
        raise click.UsageError("--check-gates looks at the step that was taken, the others take one: one at a time")
    if take_next and run_steps:
        raise click.UsageError("--next writes one step, --run takes one after the other: one at a time")


def _show(
    root: Path,
    environment: str,
    to: str | None,
    today: date,
    take_next: bool,
    done_by_hand: bool,
    commit: bool,
    *,
    as_json: bool,
    plain: bool,
) -> int:
    from bedplate.cli.upgrading import planned, take_step
    from bedplate.graph.values import pretty
    from bedplate.output.console import show
    from bedplate.output.upgrade import upgrade_document, upgrade_text

    plan, taken = planned(root, environment, to, today), None
    if take_next:
        taken = take_step(root, plan, done_by_hand=done_by_hand, commit=commit)
        plan = planned(root, environment, to, today)
    if as_json:
        click.echo(pretty(upgrade_document(plan, today)), nl=False)
    else:
        show(upgrade_text(plan, taken, committed=commit), plain=plain)
    return 0
