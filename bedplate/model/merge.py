"""One document from several layers: fragments first, the environment last.

Mappings merge deeply. Lists of named objects merge by `name`: items keep the order of the base, new ones follow.
Every other list, and every scalar, is replaced. `null` deletes a key, `remove: true` a named item. Layers are never
changed; each value of the result knows what it replaced.
"""

from __future__ import annotations

import collections.abc
import enum

from bedplate.model.source import InputError, Position, Problem
from bedplate.model.tree import Mapping, Node, Path, Scalar, Sequence, format_path, item_name


class _Kind(enum.Enum):
    EMPTY = "an empty list"
    NAMED = "a list of named objects"
    OTHER = "a list of values without a name"


def merge(layers: collections.abc.Sequence[Mapping]) -> Mapping:
    """Merge `layers`, at least one, from the lowest to the highest. Raises InputError with every clash found."""
    merger = _Merger()
    first, *others = layers
    result = merger.cleaned_mapping(first, ())
    for layer in others:
        result = merger.merged_mapping(result, layer, ())
    if merger.problems:
        raise InputError(merger.problems)
    return result


class _Merger:
    """Walks two layers together. The base is always clean: no nulls, no removals, no repeated names."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def merged_mapping(self, base: Mapping, over: Mapping, path: Path) -> Mapping:
        items = dict(base.items)
        positions = dict(base.key_positions)
        for key, node in over.items.items():
            if _is_null(node):
                items.pop(key, None)
                positions.pop(key, None)
                continue
            below = (*path, key)
            items[key] = self._merged(items[key], node, below) if key in items else self._cleaned(node, below)
            positions[key] = over.key_positions[key]
        return Mapping(items, positions, over.position, _history(base))

    def cleaned_mapping(self, node: Mapping, path: Path) -> Mapping:
        """A mapping that nothing lies under: its nulls delete nothing, and go."""
        kept = {key: self._cleaned(item, (*path, key)) for key, item in node.items.items() if not _is_null(item)}
        return Mapping(kept, {key: node.key_positions[key] for key in kept}, node.position, node.overrides)

    def _merged(self, base: Node, over: Node, path: Path) -> Node:
        if isinstance(base, Mapping) and isinstance(over, Mapping):
            return self.merged_mapping(base, over, path)
        if isinstance(base, Sequence) and isinstance(over, Sequence):
            return self._merged_list(base, over, path)
        if isinstance(base, Scalar) and isinstance(over, Scalar):
            return Scalar(over.value, over.text, over.position, _history(base))
        self._clash(path, over.position, _describe(over), base.position, _describe(base))
        return over

    def _cleaned(self, node: Node, path: Path) -> Node:
        if isinstance(node, Mapping):
            return self.cleaned_mapping(node, path)
        if isinstance(node, Sequence):
            if _kind(node) is _Kind.NAMED:
                return self._merged_items(Sequence((), node.position, node.overrides), node, path)
            items = tuple(self._cleaned(item, (*path, index)) for index, item in enumerate(node.items))
            return Sequence(items, node.position, node.overrides)
        return node

    def _merged_list(self, base: Sequence, over: Sequence, path: Path) -> Sequence:
        lower, upper = _kind(base), _kind(over)
        if lower is not _Kind.NAMED:
            fresh = self._cleaned(over, path)
            assert isinstance(fresh, Sequence)
            return Sequence(fresh.items, over.position, _history(base))
        if upper is _Kind.NAMED:
            merged = self._merged_items(base, over, path)
            return Sequence(merged.items, over.position, _history(base))
        empty = "write null to delete the list" if upper is _Kind.EMPTY else "give every item a name"
        self._clash(path, over.position, upper.value, base.position, lower.value, hint=empty)
        return over

    def _merged_items(self, base: Sequence, over: Sequence, path: Path) -> Sequence:
        """Named items of `over` laid over those of `base`, which may be empty."""
        items: dict[str, Node] = {item_name(item) or "": item for item in base.items}
        seen: dict[str, Position] = {}
        for index, item in enumerate(over.items):
            name, below = item_name(item), (*path, index)
            assert name is not None
            assert isinstance(item, Mapping)
            if name in seen:
                self._note(below, item.position, f"the name '{name}' is already in this list, at {seen[name]}")
                continue
            seen[name] = item.position
            known = items.get(name)
            if _removes(item):
                self._remove(items, name, item, below)
            elif isinstance(known, Mapping):
                items[name] = self.merged_mapping(known, item, below)
            else:
                items[name] = self.cleaned_mapping(item, below)
        return Sequence(tuple(items.values()), over.position, base.overrides)

    def _remove(self, items: dict[str, Node], name: str, item: Mapping, path: Path) -> None:
        if len(item.items) > 2:
            self._note(path, item.position, f"'remove: true' drops '{name}', so no other key may stand beside it")
        if items.pop(name, None) is None:
            hint = "" if not items else f"names in the list: {', '.join(sorted(items))}"
            self._note(path, item.position, f"'remove: true' finds no item named '{name}' to drop", hint=hint)

    def _clash(self, path: Path, at: Position, got: str, base_at: Position, base: str, *, hint: str = "") -> None:
        self._note(path, at, f"{got} cannot be laid over {base} ({base_at})", hint=hint)

    def _note(self, path: Path, at: Position, message: str, *, hint: str = "") -> None:
        self.problems.append(Problem(at, format_path(path), message, hint=hint))


def _history(base: Node) -> tuple[Node, ...]:
    return (base, *base.overrides)


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _removes(item: Mapping) -> bool:
    mark = item.items.get("remove")
    return isinstance(mark, Scalar) and mark.value is True


def _kind(node: Sequence) -> _Kind:
    if not node.items:
        return _Kind.EMPTY
    return _Kind.NAMED if all(item_name(item) is not None for item in node.items) else _Kind.OTHER


def _describe(node: Node) -> str:
    if isinstance(node, Mapping):
        return "a mapping"
    return "a list" if isinstance(node, Sequence) else "a single value"
