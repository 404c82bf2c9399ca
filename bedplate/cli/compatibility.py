"""Make the record of this version of the tool, and hold it against another version's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter, ValidationError

from bedplate.cli.errors import CommandError, described
from bedplate.cli.pipeline import review
from bedplate.cli.planning import replacement_rules
from bedplate.environment.targets import FOLDER, all_targets
from bedplate.graph.replacement import ReplacementRule
from bedplate.graph.values import Json
from bedplate.model.schema import json_schema
from bedplate.output.compat import RECORD_SCHEMA, Compat, RecordError, compat, made_of
from bedplate.output.documents.compat import MadeDocument, RecordDocument
from bedplate.output.exits import Exit
from bedplate.output.file_schemas import file_models
from bedplate.output.schema_keys import keys
from bedplate.output.schemas import formats

_READ = (FOLDER, "extensions")
# What tools write beside the files, and no environment is made of.
_NOT_READ = (f"{FOLDER}/pulumi/", f"{FOLDER}/schema/")


def recorded_as(root: Path, today: date) -> RecordDocument:
    """What this version makes of every environment of `root` on the day `today`."""
    rules = replacement_rules(root)
    return {
        "schema": RECORD_SCHEMA,
        "tool": version("bedplate"),
        "day": today.isoformat(),
        "files": _digest(root),
        "formats": list(formats()),
        "keys": {name: keys(json_schema(model, name)) for name, model in file_models(root).items()},
        "environments": {name: _made(root, name, today, rules) for name in all_targets(root)},
    }


def compared(root: Path, record: Path) -> Compat:
    """This version held against `record`, on the record's day. Raises CommandError where it is of other files."""
    before = read_record(record)
    try:
        return compat(before, recorded_as(root, date.fromisoformat(before["day"])))
    except RecordError as error:
        raise CommandError(f"{record}: {error}", Exit.USAGE) from None


def read_record(path: Path) -> RecordDocument:
    """The record in a file. Raises CommandError for anything else, and for the record of a format that is not known."""
    try:
        data: Json = json.loads(path.read_bytes())
    except ValueError as error:
        raise CommandError(f"{path} is no record: {error}", Exit.USAGE) from None
    found = data.get("schema") if isinstance(data, dict) else None
    if found != RECORD_SCHEMA:
        message = f"{path} has the format {found!r}, and this version reads {RECORD_SCHEMA}"
        raise CommandError(f"{message}; write it with bedplate compat --record", Exit.USAGE)
    try:
        TypeAdapter(RecordDocument).validate_python(data)
        date.fromisoformat(data["day"])
    except (ValidationError, ValueError) as error:
        raise CommandError(f"{path} is no whole record: {error}", Exit.USAGE) from None
    return cast(RecordDocument, data)


def _made(root: Path, name: str, today: date, rules: Mapping[str, ReplacementRule]) -> MadeDocument:
    try:
        return made_of(review(root, name, today).to_json(), rules)
    except Exception as error:  # a version that cannot load it is an answer
        return {"problem": described(error), "identities": {}, "findings": []}


def _digest(root: Path) -> str:
    """Digest of all files that environments are made of, with their names."""
    made = hashlib.sha256()
    for relative, path in sorted(_files(root)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        made.update(f"{relative}\0{content}\n".encode())
    return f"sha256:{made.hexdigest()}"


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    for folder in _READ:
        for path in (root / folder).rglob("*"):
            relative = path.relative_to(root).as_posix()
            if path.is_file() and "__pycache__" not in path.parts and not relative.startswith(_NOT_READ):
                yield relative, path
