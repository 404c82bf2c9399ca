"""Cross-check of lists: nothing in an environment is listed twice."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.model.tree import Mapping, Node, Scalar, Sequence, format_path, plain


def check_repeats(resolved: ResolvedEnvironment, report: Reporter) -> None:
    """No list holds the same value twice: at best it means nothing, at worst AWS or the API server refuses it.

    Runs after the other checks, and leaves alone what one of them says better.
    """
    said = {problem.path for problem in report.problems}
    for path, items in _lists(resolved.tree, ()):
        seen: list[object] = []
        for index, item in enumerate(items):
            value = plain(item)
            if value in seen and format_path((*path, index)) not in said:
                what = repr(value) if isinstance(item, Scalar) else "the same entry"
                report.add((*path, index), f"{what} is listed twice", hint="remove one of the two")
            seen.append(value)


def _lists(node: Node, path: Path) -> Iterator[tuple[Path, tuple[Node, ...]]]:
    """Every list below `node`, with its place."""
    if isinstance(node, Mapping):
        for key, item in node.items.items():
            yield from _lists(item, (*path, key))
    elif isinstance(node, Sequence):
        yield path, node.items
        for index, item in enumerate(node.items):
            yield from _lists(item, (*path, index))
