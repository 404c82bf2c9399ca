"""`bedplate upgrade --check-gates`: whether everything that the files name is there and healthy."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.errors import CommandError
from bedplate.cli.observing import look
from bedplate.engine.kubernetes import ClusterError
from bedplate.environment.load import load
from bedplate.graph.values import pretty
from bedplate.output.console import show
from bedplate.output.gates import gates_document, gates_text
from bedplate.output.plan import Exit
from bedplate.upgrade.gates import present_gates
from bedplate.upgrade.judging import judged


def check(root: Path, target: str, kubeconfig: Path | None, context: str | None, *, as_json: bool, plain: bool) -> int:
    """Ask the cluster of `target`, print a verdict for each gate; 0 where all are open, 1 where one is not or nobody
    can tell. Raises CommandError where no cluster can be asked.
    """
    resolved = load(root, target)
    try:
        sight = look(resolved.environment, kubeconfig, context)
    except ClusterError as error:
        raise CommandError(f"no gate can be told: {error}") from error
    results = judged(present_gates(resolved, resolved.catalog), sight)
    if as_json:
        click.echo(pretty(gates_document(resolved.name, results)), nl=False)
    else:
        show(gates_text(resolved.name, results), plain=plain)
    return int(Exit.OK if all(item.verdict == "open" for item in results) else Exit.FAILED)
