"""Rows that a platform repository adds to the catalogue, in files of the same form: extensions/catalog/<table>.yaml."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from bedplate.catalog.read import K, R, Refusal, read_rows
from bedplate.model.files import present
from bedplate.model.source import InputError, Position, Problem, did_you_mean
from bedplate.model.yaml_reader import read_file

FOLDER = "extensions/catalog"


def lay_over(
    root: Path,
    table: str,
    shipped: Mapping[K, R],
    row: type[R],
    key: Callable[[R], K],
    check: Callable[[R], Refusal | None] | None,
) -> Mapping[K, R]:
    """`shipped` with the rows of the repository at `root`. Raises InputError with the place of everything wrong.

    The file goes through the front door for YAML that people write first, which refuses what costs or surprises.
    """
    relative = f"{FOLDER}/{table}.yaml"
    if not present(root, relative):
        return shipped
    read_file(root, relative)
    return read_rows(root / relative, row, key, shown=FOLDER, over=shipped, check=check)


def check_tables(root: Path, tables: Collection[str], closed: Collection[str]) -> None:
    """Every file of the folder is one of `tables`; those of `closed` take no rows. Raises InputError."""
    folder = root / FOLDER
    problems = []
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.suffix != ".yaml" or file.stem not in tables:
            place = Position(f"{FOLDER}/{file.name}", 1, 1)
            shut = file.stem in closed
            message = "is a table that takes no rows of a repository" if shut else "is not a table of the catalogue"
            hint = "" if shut else did_you_mean(file.stem, tables)
            names = tuple(f"{name}.yaml" for name in sorted(tables))
            problems.append(Problem(place, "", message, names, hint))
    if problems:
        raise InputError(problems)
