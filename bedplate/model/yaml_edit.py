"""Changes to the text of a YAML document at known places: nothing else of it moves.

The document was read by the front door before (`yaml_reader`), so keys are text and there is one document. Where a
mapping or list is written in braces or brackets, what is new stands in them too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import yaml
from yaml import CollectionNode, MappingNode, Mark, Node, ScalarNode, SequenceNode

from bedplate.model.tree import Json, Path, Step, format_path
from bedplate.model.yaml_scalars import other_reading, resolve

Order: TypeAlias = Callable[[Path], Sequence[str]]

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._/+@-]|:(?! ))*[A-Za-z0-9]|[A-Za-z0-9]")
_STEP = 2


@dataclass(frozen=True, slots=True)
class _Entry:
    """A value of a mapping or list, with where its text begins (its key; in a list, the value) and its node."""

    step: Step
    start: Mark
    node: Node


class YamlText:
    """One state of a document's text. Every change returns the next text."""

    def __init__(self, text: str, order: Order) -> None:
        self._text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._lines = text.splitlines(keepends=True)
        self._offsets = [0]
        for line in self._lines:
            self._offsets.append(self._offsets[-1] + len(line))
        self._order = order
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
        if not isinstance(root, MappingNode):
            raise ValueError("the document is no mapping")
        self._root = root

    def value(self, path: Path) -> Json:
        """What stands at `path`; None where nothing does."""
        node = self._find(path)
        return None if node is None else _plain(node)

    def with_scalar(self, path: Path, value: Json) -> str:
        """The value at `path`, a single one, replaced. Quotes that it had stay."""
        node = self._find(path)
        if not isinstance(node, ScalarNode) or isinstance(value, dict | list):
            raise ValueError(f"{format_path(path)}: only a single value can take the place of another")
        written = _written(value)
        if node.style == "'" and isinstance(value, str) and not {"'", "\n"} & set(value):
            written = f"'{value}'"
        elif node.style == '"' and isinstance(value, str):
            written = json.dumps(value, ensure_ascii=False)
        end = self._at(node.end_mark)
        if node.style in ("|", ">"):
            # The mark stands behind the line end, which stays.
            last = self._last_line(node)
            end = self._offsets[last] + len(self._lines[last].rstrip("\r\n"))
        return self._spliced(self._at(node.start_mark), end, written)

    def with_new(self, path: Path, value: Json) -> str:
        """`value` at `path`, where nothing stands. Mappings around it come with it."""
        parent = self._find(path[:-1])
        while parent is None:
            path, value = path[:-1], {str(path[-1]): value} if isinstance(path[-1], str) else [value]
            parent = self._find(path[:-1])
        if isinstance(parent, MappingNode):
            return self._with_key(parent, path, value)
        if isinstance(parent, SequenceNode):
            return self._with_item(parent, value)
        raise ValueError(f"{format_path(path[:-1])} is a single value")

    def without(self, path: Path) -> str:
        """The value at `path` gone, and mappings and lists that held nothing else."""
        while len(path) > 1 and len(self._entries_of(path[:-1])) == 1:
            path = path[:-1]
        parent = self._find(path[:-1])
        assert isinstance(parent, CollectionNode)
        entries = self._entries_of(path[:-1])
        index = next(i for i, entry in enumerate(entries) if _selects(path[-1], i, entry))
        return self._without_flow(entries, index) if parent.flow_style else self._without_block(parent, entries, index)

    def _find(self, path: Path) -> Node | None:
        node: Node | None = self._root
        for length, step in enumerate(path, start=1):
            assert node is not None
            entries = _entries(node)
            index = next((i for i, entry in enumerate(entries) if _selects(step, i, entry)), None)
            if index is None:
                return None
            if self._is_alias(node, entries, index):
                raise ValueError(f"{format_path(path[:length])} is an alias: change what it stands for by hand")
            node = entries[index].node
        return node

    def _entries_of(self, path: Path) -> tuple[_Entry, ...]:
        node = self._find(path)
        return _entries(node) if node is not None else ()

    def _is_alias(self, parent: Node, entries: Sequence[_Entry], index: int) -> bool:
        """Whether a value is written elsewhere: before its own key, or before the item that it follows."""
        entry = entries[index]
        after = entry.start if isinstance(entry.step, str) else parent.start_mark
        if isinstance(entry.step, int) and index:
            after = entries[index - 1].node.end_mark
        return self._at(entry.node.start_mark) < self._at(after)

    def _with_key(self, parent: MappingNode, path: Path, value: Json) -> str:
        entries, key = _entries(parent), str(path[-1])
        before = self._before(entries, path)
        if parent.flow_style:
            return self._with_flow(parent, entries, before + 1, f"{_written(key)}: {_written(value)}")
        column = entries[0].start.column
        return self._with_lines(entries[before].node, [f"{key}: {_written(value)}"], column, value, key)

    def _with_item(self, parent: SequenceNode, value: Json) -> str:
        entries = _entries(parent)
        if parent.flow_style:
            return self._with_flow(parent, entries, len(entries), _written(value))
        return self._with_lines(entries[-1].node, [f"- {_written(value)}"], parent.start_mark.column)

    def _before(self, entries: Sequence[_Entry], path: Path) -> int:
        """Index of the entry that a new key comes after."""
        known = {key: index for index, key in enumerate(self._order(path[:-1]))}
        here = known.get(str(path[-1]))
        if here is None:
            return len(entries) - 1
        earlier = [
            (known[str(entry.step)], i) for i, entry in enumerate(entries) if known.get(str(entry.step), here) < here
        ]
        return max(earlier)[1] if earlier else len(entries) - 1

    def _with_lines(self, node: Node, lines: list[str], column: int, value: Json = None, key: str = "") -> str:
        """`lines` below `node`. A list that is not empty stands below its key, an item a line."""
        if isinstance(value, list) and value:
            lines = [f"{key}:", *(f"{' ' * _STEP}- {_written(item)}" for item in value)]
        end = self._offsets[min(self._last_line(node) + 1, len(self._lines))]
        return self._inserted(end, lines, column)

    def _inserted(self, offset: int, lines: list[str], column: int) -> str:
        text = "".join(f"{' ' * column}{line}{self._newline}" for line in lines)
        if offset and self._text[offset - 1] != "\n":
            text = self._newline + text.removesuffix(self._newline)
        return self._spliced(offset, offset, text)

    def _with_flow(self, parent: Node, entries: Sequence[_Entry], position: int, written: str) -> str:
        if not entries:
            offset = self._at(parent.start_mark) + 1
            return self._spliced(offset, offset, written)
        offset = self._at(entries[position - 1].node.end_mark)
        return self._spliced(offset, offset, f", {written}")

    def _without_flow(self, entries: Sequence[_Entry], index: int) -> str:
        if index == 0:
            return self._spliced(self._at(entries[0].start), self._at(entries[1].start), "")
        start = self._at(entries[index - 1].node.end_mark)
        return self._spliced(start, self._at(entries[index].node.end_mark), "")

    def _without_block(self, parent: Node, entries: Sequence[_Entry], index: int) -> str:
        entry = entries[index]
        if isinstance(parent, MappingNode) and index == 0 and self._shares_line(entry):
            # The first key of an item stands behind its hyphen: the next one moves there.
            return self._spliced(self._at(entry.start), self._at(entries[1].start), "")
        if isinstance(parent, SequenceNode) and self._lines[entry.start.line][: entry.start.column].strip() != "-":
            raise ValueError("an item that does not begin on the line of its hyphen can only be removed by hand")
        start = self._offsets[entry.start.line]
        end = self._offsets[min(self._last_line(entry.node) + 1, len(self._lines))]
        return self._spliced(start, end, "")

    def _shares_line(self, entry: _Entry) -> bool:
        return self._lines[entry.start.line][: entry.start.column].strip() != ""

    def _last_line(self, node: Node) -> int:
        """The last line on which something of `node` is written."""
        if isinstance(node, CollectionNode) and not node.flow_style:
            entries = _entries(node)
            return self._last_line(entries[-1].node) if entries else node.start_mark.line
        line = node.end_mark.line
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            # The mark stands where the next token begins.
            line = min(line, len(self._lines)) - 1
            while line > node.start_mark.line and not self._lines[line].strip():
                line -= 1
        return int(line)

    def _at(self, mark: Mark) -> int:
        return self._offsets[min(mark.line, len(self._lines))] + int(mark.column)

    def _spliced(self, start: int, end: int, new: str) -> str:
        return self._text[:start] + new + self._text[end:]


def _entries(node: Node) -> tuple[_Entry, ...]:
    if isinstance(node, MappingNode):
        return tuple(_Entry(key.value, key.start_mark, value) for key, value in node.value)
    if isinstance(node, SequenceNode):
        return tuple(_Entry(index, item.start_mark, item) for index, item in enumerate(node.value))
    return ()


def _selects(step: Step, index: int, entry: _Entry) -> bool:
    """Whether `step` of a path means this entry: its key, its index, or the name that it has."""
    if isinstance(entry.step, str):
        return step == entry.step
    return step == index if isinstance(step, int) else _name(entry.node) == step


def _name(node: Node) -> str | None:
    pairs = node.value if isinstance(node, MappingNode) else ()
    return next((str(value.value) for key, value in pairs if key.value == "name"), None)


def _plain(node: Node) -> Json:
    if isinstance(node, MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.value]
    assert isinstance(node, ScalarNode)
    text = str(node.value)
    return text if node.style else resolve(text)


def _written(value: Json) -> str:
    """A value as it stands on a line; text that some reader takes for something else in quotes."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_written(key)}: {_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    if (
        isinstance(value, str)
        and _PLAIN.fullmatch(value)
        and resolve(value) == value
        and not other_reading(value, value)
    ):
        return value
    return json.dumps(value, ensure_ascii=False)
