"""`bedplate pr`: one review comment for all environments."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bedplate.cli.options import json_option, now_option, root_option, talk


@click.command("pr")
@root_option
@click.option("--base", metavar="REF", help="Commit to compare with. Default: the merge base with the main branch.")
@click.option("--head", metavar="REF", help="Commit to review. Default: the working tree.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead of stdout.")
@now_option
@json_option
def command(root: Path, base: str | None, head: str | None, out: Path | None, today: date, as_json: bool) -> int:
    """Write one Markdown comment on what a pull request changes in all environments."""
    from bedplate.cli.reviewing import pull_request
    from bedplate.graph.values import pretty
    from bedplate.model.files import write_atomic
    from bedplate.output.markdown import comment

    made = pull_request(root, base=base, head=head, today=today)
    text = pretty(made.to_json()) if as_json else comment(made)
    if out is not None:
        write_atomic(out, text.encode())
        talk(f"written to {out}")
    else:
        click.echo(text, nl=False)
    return int(made.exit)
