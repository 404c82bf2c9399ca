"""`bedplate manifests`: Kubernetes manifests in waves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bedplate.cli.options import json_option, root_option, talk

if TYPE_CHECKING:
    from bedplate.output.manifests import Delivery


@click.command("manifests")
@click.argument("environment")
@root_option
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write. Replaced as a whole; refused where it holds anything that bedplate did not write.",
)
@click.option(
    "--for",
    "delivery",
    type=click.Choice(["kubectl", "argocd", "flux"]),
    default="kubectl",
    show_default=True,
    help="Who applies them: decides annotations and the files around the waves.",
)
@json_option
def command(environment: str, root: Path, target: Path, delivery: Delivery, as_json: bool) -> int:
    """Write the Kubernetes objects that ENVIRONMENT registers, a file each, in waves that can be applied in order."""
    from bedplate.cli.errors import CommandError
    from bedplate.cli.pipeline import recorded
    from bedplate.environment.load import load
    from bedplate.graph.values import pretty
    from bedplate.output.folder import FolderError, replace_folder
    from bedplate.output.manifests import ManifestError, manifests
    from bedplate.output.wording import many

    resolved = load(root, environment)
    place = target.resolve()
    inside = place.is_relative_to(root.resolve())
    path = place.relative_to(root.resolve()).as_posix() if inside else ""
    try:
        made = manifests(recorded(resolved), delivery=delivery, path="" if path == "." else path)
        replace_folder(target, f"manifests of {environment}", made.files)
    except (ManifestError, FolderError) as error:
        raise CommandError(str(error)) from error
    if as_json:
        click.echo(pretty(made.to_json()), nl=False)
    else:
        for folder, files in made.waves:
            click.echo(f"{folder}  {many(len(files), 'object')}")
    talk(f"written to {target}; next: {_next(target, delivery, made.waves[0][0] if made.waves else '')}")
    return 0


def _next(target: Path, delivery: Delivery, first: str) -> str:
    if delivery == "kubectl":
        return f"kubectl apply --server-side -k {target}/{first}, and so on, wave by wave"
    if delivery == "argocd":
        return f"point an Argo CD Application at {target}"
    return f"commit {target}, and let Flux apply {target}/flux"
