"""What another version of the tool changes, as text: what breaks first, the next command last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from bedplate.output.compat import Compat, EnvironmentCompat
from bedplate.output.documents.compat import FoundDocument
from bedplate.output.exits import Exit
from bedplate.output.lines import BLANK, Line, Lines, Segment, Style, line
from bedplate.output.wording import listed, many

_NAMED = 8
# Objects of one policy's findings.
_SHOWN = 3


def compat_text(compat: Compat) -> Lines:
    """What `bedplate compat --against` shows."""
    return Lines(_text(compat))


def _text(compat: Compat) -> Iterator[Line]:
    breaks = [item.name for item in compat.environments if item.exit is not Exit.OK]
    verdict = f"breaks {listed(breaks, most=_NAMED)}" if breaks else "nothing breaks"
    yield line(Segment(f"bedplate {compat.before} → {compat.after}: {verdict}", "bad" if breaks else "strong"))
    for item in compat.environments:
        yield BLANK
        yield from _environment(item)
    yield from _list("no longer written", compat.formats, "warn")
    yield from _list("no longer allowed in files", compat.keys, "warn")
    yield from _list("new in files", compat.new_keys, "")
    yield BLANK
    yield line(Segment("next: ", "strong"), _next(breaks))


def _environment(item: EnvironmentCompat) -> Iterator[Line]:
    if item.problem:
        yield line(Segment(f"{item.name}: does not load any more", "bad"))
        yield from (line(text, indent=2) for text in item.problem.splitlines())
        return
    parts = [
        (item.gone, "object", "deleted"),
        (item.replaced, "object", "replaced"),
        (item.renamed, "object", "renamed"),
        (item.new, "object", "new"),
        (item.new_findings, "finding", "new"),
        (item.gone_findings, "finding", "gone"),
    ]
    told = [f"{many(len(found), noun)} {word}" for found, noun, word in parts if found]
    yield line(Segment(f"{item.name}: {', '.join(told) or 'the same'}", "strong"))
    yield from _entries("deletes ", "delete", item.gone)
    yield from _entries("replaces ", "replace", item.replaced)
    yield from _entries("renames ", "update", item.renamed)
    yield from _entries("finds ", "warn", tuple(_findings(item.new_findings)))


def _findings(found: Sequence[FoundDocument]) -> Iterator[str]:
    """One text per policy and verdict: a new policy speaks of many objects."""

    def kind(item: FoundDocument) -> tuple[bool, str, str]:
        return not item["blocks"], item["policy"], item["verdict"]

    for (mild, policy, verdict), group in groupby(sorted(found, key=kind), key=kind):
        objects = [item["object"] for item in group]
        names = listed(list(dict.fromkeys(objects)), most=_SHOWN)
        yield f"{verdict} {policy} ({len(objects)}{'' if mild else ', blocking'}): {names}"


def _entries(word: str, style: Style, texts: Sequence[str]) -> Iterator[Line]:
    for text in texts:
        yield line(Segment(word, style), text, indent=2)


def _list(title: str, texts: Sequence[str], style: Style) -> Iterator[Line]:
    if texts:
        yield BLANK
        yield line(Segment(f"{title} ({len(texts)})", style or "strong"))
        yield from (line(text, indent=2) for text in texts)


def _next(breaks: Sequence[str]) -> str:
    if breaks:
        return "stay with the version in use, and read docs/how-to/upgrade-the-tool.md"
    return "install the newer version, then bedplate plan for each environment"
