"""`bedplate compat`: what another version of the tool would do to what stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bedplate.cli.options import json_option, now_option, plain_option, root_option, talk


@click.command("compat")
@root_option
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="Write what this version makes of all.")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Hold this version against a record that another one wrote of the same files.",
)
@now_option
@json_option
@plain_option
def command(root: Path, record: Path | None, against: Path | None, today: date, as_json: bool, plain: bool) -> int:
    """Say what an upgrade of bedplate itself changes: objects, findings, what may be written.

    Write a record with the version in use, then hold the newer version against it. A record's day counts for both.
    """
    from bedplate.cli.compatibility import compared, recorded_as
    from bedplate.graph.values import pretty
    from bedplate.model.files import write_atomic
    from bedplate.output.compat_text import compat_text
    from bedplate.output.console import show

    if (record is None) == (against is None):
        raise click.UsageError("give one of --record FILE and --against FILE")
    if record is not None:
        text = pretty(recorded_as(root, today))
        write_atomic(record, text.encode())
        talk(f"written to {record}")
        if as_json:
            click.echo(text, nl=False)
        return 0
    assert against is not None
    found = compared(root, against)
    if as_json:
        click.echo(pretty(found.to_json()), nl=False)
    else:
        show(compat_text(found), plain=plain)
    return int(found.exit)
