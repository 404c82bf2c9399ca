"""Reads the catalogue's files: a table of sources, and rows that name theirs.

Every scalar is text until a row's class gives it a type, so that 1.30 stays a version and 0.10 an exact price.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bedplate.catalog.fields import Row
from bedplate.model.source import InputError, Position, Problem
from bedplate.model.spec import Spec

SHOWN_FOLDER = "bedplate/catalog/data"
"""How messages name the folder of the data files, wherever it is installed."""

K = TypeVar("K", str, tuple[str, ...])
R = TypeVar("R", bound=Row)
S = TypeVar("S", bound=Spec)
_SENTENCES = {"extra_forbidden": "is not a field of this table", "missing": "is required"}

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"


class _Source(Spec):
    """An entry of a file's `sources`."""

    text: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row does not fit the other tables, at one of its fields."""

    field: str
    message: str
    allowed: tuple[str, ...] = ()


def read_rows(
    file: Path,
    row: type[R],
    key: Callable[[R], K],
    *,
    shown: str = SHOWN_FOLDER,
    over: Mapping[K, R] | None = None,
    check: Callable[[R], Refusal | None] | None = None,
) -> Mapping[K, R]:
    """The rows of `file` by `key`, in the order of keys. Raises InputError with the line of everything wrong.

    `shown` is the folder of the file in messages. With `over`, the file's rows are laid over those: a row of the same
    key takes the other's place only if it says ``replaces: <reason>``, and its source then tells the reason. `check`
    holds a row against other tables.
    """
    table = _Table(file, shown)
    sections = table.sections()
    sources = {
        name: table.build(node, f"sources.{name}", _Source, table.plain(node, f"sources.{name}"))
        for name, node in table.mapping(sections["sources"], "sources").items()
    }
    table.raise_problems()
    rows: dict[K, R] = {}
    for node in table.sequence(sections["rows"], "rows"):
        reason = table.take(node, "replaces") if over is not None else None
        built = table.row(node, row, {name: source for name, source in sources.items() if source}, reason)
        if built is None:
            continue
        path = f"rows[{_named(key(built))}]"
        if rows.setdefault(key(built), built) is not built:
            table.refuse(node.start_mark, path, "is listed twice")
        if over is not None and (refusal := _replacement_refusal(key(built) in over, reason)):
            table.refuse(node.start_mark, path, refusal)
        if check is not None and (unfit := check(built)):
            table.refuse(node.start_mark, f"{path}.{unfit.field}", unfit.message, unfit.allowed)
    table.raise_problems()
    whole = {**(over or {}), **rows}
    return MappingProxyType({name: whole[name] for name in sorted(whole)})


def read_plain(file: Path) -> Mapping[str, Any]:
    """A file that is no table, with the types that YAML gives its values; read-only at every depth."""
    with file.open("rb") as stream:
        content: Mapping[str, Any] = _frozen(yaml.load(stream, Loader=yaml.CSafeLoader))
    return content


class _Table:
    """One file while it is read. Mistakes are collected, so that one run shows all of them."""

    def __init__(self, file: Path, shown: str) -> None:
        self._file = file
        self._shown = shown
        self._problems: list[Problem] = []

    def refuse(self, mark: yaml.Mark | None, path: str, message: str, allowed: tuple[str, ...] = ()) -> None:
        """Note a mistake at `mark`, or at the beginning of the file."""
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        place = Position(f"{self._shown}/{self._file.name}", line, column)
        self._problems.append(Problem(place, path, message, allowed))

    def raise_problems(self) -> None:
        """Raise InputError where a mistake was noted."""
        if self._problems:
            raise InputError(self._problems)

    def sections(self) -> dict[str, yaml.Node]:
        """The two sections of the file. Raises InputError."""
        top: yaml.Node | None = None
        try:
            with self._file.open("rb") as stream:
                top = yaml.compose(stream, Loader=yaml.CBaseLoader)
        except yaml.MarkedYAMLError as error:
            self.refuse(error.problem_mark, "", f"is not YAML: {error.problem}")
        self.raise_problems()
        found = self.mapping(top, "")
        for name in sorted(found.keys() ^ {"rows", "sources"}):
            self.refuse(None, name, "is not a section" if name in found else "is missing", ("rows", "sources"))
        self.raise_problems()
        return found

    def mapping(self, node: yaml.Node | None, path: str) -> dict[str, yaml.Node]:
        """Keys and values of a mapping; a key that is there twice is refused."""
        if not isinstance(node, yaml.MappingNode):
            self.refuse(node.start_mark if node else None, path, "must be a mapping")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value in found:
                self.refuse(key.start_mark, f"{path}.{key.value}", "is there twice")
            found[key.value] = value
        return found

    def sequence(self, node: yaml.Node, path: str) -> list[yaml.Node]:
        """Items of a list."""
        if not isinstance(node, yaml.SequenceNode):
            self.refuse(node.start_mark, path, "must be a list")
            return []
        return list(node.value)

    def plain(self, node: yaml.Node, path: str) -> Plain:
        """The value of `node`, every scalar as text."""
        if isinstance(node, yaml.MappingNode):
            return {key: self.plain(value, f"{path}.{key}") for key, value in self.mapping(node, path).items()}
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, path) for item in node.value]
        return str(node.value)

    def take(self, node: yaml.Node, name: str) -> str | None:
        """The text of a field that is not the row's own, which the row then no longer has; None where it is absent."""
        for position, (field, value) in enumerate(node.value if isinstance(node, yaml.MappingNode) else ()):
            if field.value == name:
                del node.value[position]
                return str(self.plain(value, name)).strip()
        return None

    def row(self, node: yaml.Node, row: type[R], sources: Mapping[str, _Source], reason: str | None) -> R | None:
        """The row at `node` with its sources filled in; None where it is refused. Its first field tells which it is.

        `reason` is why it replaces another row, and is kept with the source.
        """
        path = f"rows[{_first_value(node)}]"
        data = {key: self.plain(value, f"{path}.{key}") for key, value in self.mapping(node, path).items()}
        if not isinstance(node, yaml.MappingNode):
            return None
        named = data.get("source", [])
        names = [str(name) for name in named] if isinstance(named, list) else [str(named)]
        if not names or not sources.keys() >= set(names):
            self.refuse(node.start_mark, f"{path}.source", f"names no source of this file: {names}", tuple(sources))
            return None
        if "asOf" in data:
            self.refuse(node.start_mark, f"{path}.asOf", "is the date of the row's sources, not its own")
            return None
        text = "; ".join(sources[name].text for name in names)
        text += f" (replaces the shipped row: {reason})" if reason else ""
        oldest = min(sources[name].as_of for name in names)
        return self.build(node, path, row, {**data, "source": text, "asOf": oldest})

    def build(self, node: yaml.Node, path: str, model: type[S], data: object) -> S | None:
        """`data` as a `model`; None where it is refused."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                inside = "".join(f".{part}" for part in detail["loc"])
                self.refuse(node.start_mark, f"{path}{inside}", _message(detail))
        return None


def _named(key: str | tuple[str, ...]) -> str:
    return key if isinstance(key, str) else ", ".join(key)


def _replacement_refusal(exists: bool, reason: str | None) -> str:
    """Why a row may not be laid over the others; "" where it may."""
    if reason == "":
        return "needs a reason in replaces"
    if exists and reason is None:
        return "is a row of the shipped catalogue: say why it takes its place, as in replaces: measured on our machines"
    return "replaces nothing: the shipped catalogue has no such row" if reason and not exists else ""


def _first_value(node: yaml.Node) -> str:
    """What a row is called: the value of its first field."""
    first = node.value[0][1] if isinstance(node, yaml.MappingNode) and node.value else None
    return first.value if isinstance(first, yaml.ScalarNode) else ""


def _message(detail: ErrorDetails) -> str:
    """Pydantic's sentence about one value, with the value where the sentence leaves it out."""
    if detail["type"] in _SENTENCES:
        return _SENTENCES[detail["type"]]
    message = detail["msg"].removeprefix("Value error, ")
    got = repr(detail["input"])
    return message if not isinstance(detail["input"], str) or got in message else f"{message}, got {got}"


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(item) for key, item in value.items()})
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
