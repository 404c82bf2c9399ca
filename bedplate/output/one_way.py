"""Changes that succeed and can never be taken back, or that are asked for and never made, in words."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.catalog import catalog
from bedplate.catalog.rows import OneWay
from bedplate.graph.diff import Action, Change
from bedplate.graph.properties import PropertyChange
from bedplate.graph.replacement import is_within, without_positions
from bedplate.output.wording import value_text


def one_way(change: Change) -> Iterator[str]:
    """A sentence for each property of `change` from which there is no way back."""
    if change.action is not Action.UPDATE:
        return
    rows = [row for row in catalog.load().one_way if row.type == change.resource.type]
    for item in change.properties:
        for row in rows:
            if _fits(row, item):
                values = f"{value_text(item.before)} → {value_text(item.after)}"
                yield f"cannot be undone: {change.label} {item.path} {values}: {row.says}"


def _fits(row: OneWay, item: PropertyChange) -> bool:
    return (
        is_within(without_positions(item.path), row.path)
        and row.before in (None, item.before)
        and row.after in (None, item.after)
    )
