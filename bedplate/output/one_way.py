"""Changes that succeed and can never be taken back, or that are asked for and never made, in words."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.diff import Action, Change
from bedplate.graph.replacement import ReplacementRule
from bedplate.output.wording import value_text


def one_way(change: Change, rule: ReplacementRule | None) -> Iterator[str]:
    """A sentence for each property of `change` from which there is no way back, by the rule of its type."""
    if change.action is not Action.UPDATE or rule is None:
        return
    for item in change.properties:
        for row in rule.one_way:
            if row.fits(item):
                values = f"{value_text(item.before)} → {value_text(item.after)}"
                yield f"cannot be undone: {change.label} {item.path} {values}: {row.says}"
