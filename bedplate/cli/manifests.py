"""`bedplate manifests`: Kubernetes manifests in waves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bedplate.cli.options import json_option, root_option, talk

if TYPE_CHECKING:
    from bedplate.graph.graph import Graph
    from bedplate.output.manifests import Delivery, Manifests

_SHOWN = 5


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
    help="Write all objects, for this writer. Without it, what delivery.layers leaves to Argo CD or Flux is written as "
    "they read it; all objects for kubectl where nothing is.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 7 where the folder is not up to date.")
@json_option
def command(environment: str, root: Path, target: Path, delivery: Delivery | None, check: bool, as_json: bool) -> int:
    """Write the Kubernetes objects that ENVIRONMENT registers, a file each, in waves that can be applied in order."""
    from bedplate.cli.errors import CommandError
    from bedplate.cli.pipeline import recorded
    from bedplate.environment.load import load
    from bedplate.environment.references import not_vendored
    from bedplate.graph.values import pretty
    from bedplate.output.exits import Exit
    from bedplate.output.folder import FolderError, differences, replace_folder
    from bedplate.output.manifests import ManifestError
    from bedplate.output.wording import listed, many

    resolved = load(root, environment)
    graph = recorded(resolved)
    owner = f"manifests of {environment}"
    try:
        made = _made(graph, delivery, root, target)
        stale = differences(target, owner, made.files) if check else ()
        if not check:
            replace_folder(target, owner, made.files)
    except (ManifestError, FolderError) as error:
        raise CommandError(str(error)) from error
    if stale:
        message = f"{target} is not up to date: {listed(stale, most=_SHOWN)}. Write it with `bedplate manifests`"
        raise CommandError(message, Exit.INTEGRITY)
    if as_json:
        click.echo(pretty(made.to_json()), nl=False)
    else:
        for folder, files in made.waves:
            click.echo(f"{folder}  {many(len(files), 'object')}")
    missing = not_vendored(resolved)
    if missing:
        how = f"`bedplate lock {environment} --chart {missing[0]}=PATH`"
        talk(f"warning: without the objects of {', '.join(missing)}; expand them with {how}, and so for each")
    first = made.waves[0][0] if made.waves else ""
    talk(f"{target} is up to date" if check else f"written to {target}; next: {_next(target, graph, delivery, first)}")
    return 0


def _made(graph: Graph, delivery: Delivery | None, root: Path, target: Path) -> Manifests:
    """What belongs into the folder `target`."""
    from bedplate.output.delivered import delivered
    from bedplate.output.manifests import manifests

    if delivery is None and _is_delivered(graph):
        return delivered(graph)
    place = target.resolve()
    inside = place.is_relative_to(root.resolve())
    path = place.relative_to(root.resolve()).as_posix() if inside else ""
    return manifests(graph, delivery=delivery or "kubectl", path="" if path == "." else path)


def _is_delivered(graph: Graph) -> bool:
    """Whether anybody else than Pulumi applies objects."""
    return any(resource.writer for resource in graph)


def _next(target: Path, graph: Graph, delivery: Delivery | None, first: str) -> str:
    if delivery is None and _is_delivered(graph):
        return "commit it to the repository that delivery.gitops names"
    if delivery == "argocd":
        return f"point an Argo CD Application at {target}"
    if delivery == "flux":
        return f"commit {target}, and let Flux apply {target}/flux"
    return f"kubectl apply --server-side -k {target}/{first}, and so on, wave by wave"
