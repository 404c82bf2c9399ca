"""The list `baselineOverrides` of the environment's own file while an upgrade writes into it."""

from __future__ import annotations

from typing import TypeAlias

from bedplate.model.edits import Edit
from bedplate.model.tree import Json, Node, Sequence, plain
from bedplate.upgrade.standing import Standing

KEY = "baselineOverrides"
Entry: TypeAlias = dict[str, Json]


class Overrides:
    """Follows the list from edit to edit, so that each finds what the one before left."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        node, whole = standing.resolved.own.items.get(KEY), standing.resolved.tree.items.get(KEY)
        self._own: list[Entry] | None = None if node is None else _items(node)
        # The environment's own list takes the place of a fragment's.
        lower = whole if node is None else whole.overrides[0] if whole is not None and whole.overrides else None
        self._inherited = _items(lower)

    def ensure(self, part: str, value: str) -> tuple[Edit, ...]:
        """`part` has `value`, with the upgrade's reason; no edit where it has it already."""
        present = self._inherited if self._own is None else self._own
        if any((item["part"], item["value"]) == (part, value) for item in present):
            return ()
        return (self._set(part, value),)

    def finish(self) -> tuple[Edit, ...]:
        """What the upgrade wrote goes, and what says no more than the target has."""
        stays = {(item.part, item.value) for item in self._standing.own}
        own, file = self._own, self._standing.file
        present = self._inherited if own is None else own
        wanted = [item for item in present if (item["part"], item["value"]) in stays]
        if wanted == present:
            return ()
        if own is None or own[: len(wanted)] != wanted or wanted == self._inherited:
            gone = () if own is None else (Edit(file, (KEY,), list(own), None),)
            return gone if wanted == self._inherited else (*gone, Edit(file, (KEY,), None, [*wanted]))
        return tuple(Edit(file, (KEY, index), own[index], None) for index in range(len(own) - 1, len(wanted) - 1, -1))

    def _set(self, part: str, value: str) -> Edit:
        own, file = self._own, self._standing.file
        if own is None:
            entry = self._entry(part, value)
            self._own = [*self._inherited, entry]
            return Edit(file, (KEY,), None, list(self._own))
        index = next((i for i, item in enumerate(own) if item["part"] == part), None)
        if index is None:
            own.append(self._entry(part, value))
            return Edit(file, (KEY, len(own) - 1), None, own[-1])
        before = own[index]["value"]
        own[index] = {**own[index], "value": value}
        return Edit(file, (KEY, index, "value"), before, value)

    def _entry(self, part: str, value: str) -> Entry:
        return {"part": part, "value": value, "reason": self._standing.reason}


def _items(node: Node | None) -> list[Entry]:
    items = [plain(item) for item in node.items] if isinstance(node, Sequence) else []
    return [item for item in items if isinstance(item, dict)]
