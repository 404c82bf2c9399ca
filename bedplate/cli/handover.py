"""`bedplate handover`: leave objects to the writer that the environment names for them."""

from __future__ import annotations

from pathlib import Path

import click

from bedplate.cli.options import json_option, root_option


@click.command("handover")
@click.argument("environment")
@root_option
@click.option(
    "--kubeconfig",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="How to reach the cluster. Default: KUBECONFIG, else ~/.kube/config.",
)
@click.option("--context", metavar="NAME", help="Context of the kubeconfig.")
@json_option
def command(environment: str, root: Path, kubeconfig: Path | None, context: str | None, as_json: bool) -> int:
    """Leave each object of ENVIRONMENT to the writer that the environment names: out of Pulumi's state where that is
    Argo CD or Flux, and off the record of every writer before it. No value in the cluster changes.

    ENVIRONMENT is a site, ENVIRONMENT.SITE, where it has sites.
    """
    from bedplate.cli.handing_over import hand_over
    from bedplate.graph.values import pretty

    result = hand_over(root, environment, kubeconfig, context)
    click.echo(pretty(result.to_json()) if as_json else result.verdict, nl=not as_json)
    return int(result.exit)
