"""The steps of `bedplate init`: make the files, hold them against every check, write those that are not there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bedplate.catalog.catalog import load as shipped_catalog
from bedplate.cli.errors import CommandError
from bedplate.cli.files import State, write_files
from bedplate.environment.load import load
from bedplate.environment.targets import FOLDER
from bedplate.model.files import confined
from bedplate.output.exits import Exit
from bedplate.output.file_schemas import file_schemas
from bedplate.output.starter import environment_text, project_files
from bedplate.units.version import version_key


def start(root: Path, name: str, values: Mapping[str, str]) -> dict[str, State]:
    """Write environment `name` with `values`, and the files around it; what became of each file.

    Files that are there stay as they are. Nothing is written where the environment is there already, or where it
    would not be valid: raises CommandError or InputError then.
    """
    relative = f"{FOLDER}/{name}.yaml"
    if confined(root, relative).exists():
        raise CommandError(f"{relative} is there already: choose another name, or edit it", Exit.USAGE)
    baseline = max(shipped_catalog().baselines, key=version_key)
    text = environment_text({"name": name, "baseline": baseline, **values})
    with TemporaryDirectory(prefix="bedplate-init-") as folder:
        write_files(Path(folder), {relative: text})
        load(Path(folder), name)
    project = {} if confined(root, "Pulumi.yaml").exists() else project_files()
    there = {path for path in project if confined(root, path).exists()}
    wanted = {path: text for path, text in project.items() if path not in there}
    kept: dict[str, State] = dict.fromkeys(there, "kept")
    return kept | write_files(root, {relative: text, **wanted, **file_schemas(root)})
