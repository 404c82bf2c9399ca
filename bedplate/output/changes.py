"""Lines for changes: by layer, team and object, the worst first; what controllers will do stands apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from bedplate.graph.diff import Action, Change
from bedplate.graph.replacement import Replacement
from bedplate.output.causes import cause_texts
from bedplate.output.compare import Comparison
from bedplate.output.lines import BLANK, Line, Segment, Style, heading, line
from bedplate.output.properties import property_lines
from bedplate.output.wording import listed, many

SYMBOLS: Mapping[Action, str] = {Action.CREATE: "+", Action.UPDATE: "~", Action.REPLACE: "-/+", Action.DELETE: "-"}

_STYLES: Mapping[Action, Style] = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.REPLACE: "replace",
    Action.DELETE: "delete",
}
_WORST_FIRST = (Action.DELETE, Action.REPLACE, Action.UPDATE, Action.CREATE)
# Layers from the bottom up; others follow by name.
_LAYERS = ("bootstrap", "cluster", "platform", "models")
# More creates of one kind in one group stand on one line; of those, so many names are shown.
_FOLD_ABOVE = 8
_FOLDED_NAMES = 6


def change_lines(changes: Sequence[Change]) -> Iterator[Line]:
    """Changes of registered resources, grouped."""
    ordered = sorted(changes, key=_order)
    for place, group in groupby(ordered, key=_place):
        yield line(Segment(place, "dim"))
        yield from _group(list(group))


def derived_lines(changes: Sequence[Change]) -> Iterator[Line]:
    """Consequences: objects that controllers make, change or remove, each with the object that causes it."""
    for change in sorted(changes, key=_order):
        yield line(_symbol(change), " ", change.label, Segment(_consequence(change), "dim"), indent=2)
        if change.resource.type.rpartition(":")[2] != "Pod":
            yield from property_lines(change.properties, indent=6)


def change_sections(comparison: Comparison) -> Iterator[Line]:
    """All kinds of changes under their headings; nothing where there are none."""
    changes, derived = comparison.registered_changes, comparison.derived_changes
    if changes:
        name = "Changes" if comparison.head else "No longer described"
        yield from (BLANK, heading(name), *change_lines(changes))
    if derived and comparison.head:
        yield from (BLANK, heading("Controllers will follow", many(len(derived), "object")), *derived_lines(derived))
    if comparison.reframed:
        names = listed(comparison.reframed, most=_FOLDED_NAMES)
        count = many(len(comparison.reframed), "resource")
        yield from (BLANK, line(f"{count} with other dependencies, parents or entries: {names}"))


def _group(changes: Sequence[Change]) -> Iterator[Line]:
    for (action, kind), group in groupby(changes, key=lambda change: (change.action, _kind(change))):
        same = list(group)
        if action is Action.CREATE and len(same) > _FOLD_ABOVE:
            names = [change.label.partition(" ")[2] for change in same]
            symbol = Segment(SYMBOLS[action], _STYLES[action])
            text = f" {len(same)} {kind}  {listed(names, most=_FOLDED_NAMES)}"
            yield line(symbol, text, indent=2)
            continue
        for change in same:
            yield line(_symbol(change), " ", change.label, Segment(_remark(change), "warn"), indent=2)
            yield from property_lines(change.properties, indent=6)
            yield from (line(Segment(text, "dim"), indent=6) for text in cause_texts(change.causes))


def _symbol(change: Change) -> Segment:
    return Segment(SYMBOLS[change.action], _STYLES[change.action])


def _remark(change: Change) -> str:
    if change.action is Action.UPDATE and change.replacement is Replacement.UNKNOWN:
        return "  (replacement unknown)"
    return "  (holds data)" if change.stateful and change.action in (Action.DELETE, Action.REPLACE) else ""


def _consequence(change: Change) -> str:
    """What a changed template means for the pods made from it."""
    if change.resource.type.rpartition(":")[2] != "Pod":
        return ""
    words = {Action.CREATE: "starts", Action.DELETE: "stops"}
    if change.action in words:
        return f"  {words[change.action]}"
    if change.properties and all(item.path.startswith("(option) ") for item in change.properties):
        # The template is the same: running pods stay, only their number moves.
        most = next((item for item in change.properties if item.path.endswith("replicas.maximum")), None)
        return f"  {most.before} → {most.after} pods" if most else "  as many pods at most as before"
    return "  restarts"


def _place(change: Change) -> str:
    """Where the changed object belongs, and who applies it where that is not Pulumi."""
    resource = change.resource
    parts = [resource.layer or "no layer"]
    parts += [f"team {resource.team}"] if resource.team else []
    parts += [f"applied by {resource.writer}"] if resource.writer else []
    return " · ".join(parts)


def _kind(change: Change) -> str:
    return change.label.partition(" ")[0]


def _order(change: Change) -> tuple[int, str, str, str, int, str, str]:
    layer, writer = change.resource.layer, change.resource.writer
    rank = _LAYERS.index(layer) if layer in _LAYERS else len(_LAYERS)
    return (rank, layer, change.resource.team, writer, _WORST_FIRST.index(change.action), change.label, change.urn)
