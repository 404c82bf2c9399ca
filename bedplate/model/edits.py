"""Edits of files that people write: single values that come, change or go, while everything around them stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bedplate.model.tree import Json, Path, format_path
from bedplate.model.yaml_edit import Order, YamlText

__all__ = ["Edit", "Order", "edited", "inverse"]


NAMED_LISTS = frozenset({"addons", "nodePools"})
"""Lists whose items people call by their name."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One value of one file. `path` is where it stands in that file; `before` and `after` are None where it is absent.

    In lists a number is an index and a text the `name` of an item. What comes into a list comes at its end: under its
    name, or under the number that is the length of the list.
    """

    file: str
    path: Path
    before: Json
    after: Json

    @property
    def where(self) -> str:
        """The path as people write it."""
        text = ""
        for step in self.path:
            part = format_path((step,))
            named = isinstance(step, str) and text in NAMED_LISTS
            text += f"[{part}]" if named else part if not text or part.startswith("[") else f".{part}"
        return text


def inverse(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """What takes `edits` back, in the order in which it must be done."""
    return tuple(Edit(edit.file, edit.path, edit.after, edit.before) for edit in reversed(tuple(edits)))


def edited(text: str, edits: Iterable[Edit], order: Order = lambda path: ()) -> str:
    """`text` with `edits` done one after the other; comments and layout of everything else stay.

    `order` gives the keys of the mapping at a path in the order in which they are usually written: a new key comes
    after the last of those before it. Raises ValueError where a value is not what an edit found, or stands behind an
    alias.
    """
    for edit in edits:
        yaml = YamlText(text, order)
        found = yaml.value(edit.path)
        if found != edit.before:
            raise ValueError(f"{edit.where} is {found!r}, not {edit.before!r}")
        if edit.after is None:
            text = yaml.without(edit.path)
        elif edit.before is None:
            text = yaml.with_new(edit.path, edit.after)
        else:
            text = yaml.with_scalar(edit.path, edit.after)
    return text
