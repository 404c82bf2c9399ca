"""Text as data: lines of styled segments. Builders say what a part means; the console decides how that looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bedplate.output.wording import visible

Style: TypeAlias = Literal["", "strong", "dim", "good", "bad", "warn", "create", "update", "replace", "delete"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text with one meaning. Characters that a terminal would obey are made visible."""

    text: str
    style: Style = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", visible(self.text))


Line: TypeAlias = tuple[Segment, ...]
Lines: TypeAlias = tuple[Line, ...]

BLANK: Line = ()


def line(*parts: str | Segment, indent: int = 0) -> Line:
    """One line of `parts`, `indent` spaces from the left."""
    segments = tuple(part if isinstance(part, Segment) else Segment(part) for part in parts)
    return (Segment(" " * indent), *segments) if indent else segments


def heading(text: str, rest: str = "") -> Line:
    """The first line of a section: its name, then its verdict."""
    return line(Segment(text, "strong"), f"  {rest}" if rest else "")


def indented(lines: Iterable[Line], by: int) -> Lines:
    """`lines`, moved `by` spaces to the right; blank ones stay blank."""
    return tuple((Segment(" " * by), *item) if item else item for item in lines)


def table(header: Sequence[str], rows: Sequence[Sequence[str | Segment]], *, numbers: Sequence[int] = ()) -> Lines:
    """An aligned table with a dim header. Columns whose index is in `numbers` are flush right."""
    cells = [[Segment(name, "dim") for name in header]]
    cells += [[cell if isinstance(cell, Segment) else Segment(cell) for cell in row] for row in rows]
    widths = [max(len(row[index].text) for row in cells) for index in range(len(header))]
    return tuple(_row(row, widths, numbers) for row in cells)


def _row(row: Sequence[Segment], widths: Sequence[int], numbers: Sequence[int]) -> Line:
    parts: list[Segment] = []
    for index, (cell, width) in enumerate(zip(row, widths, strict=True)):
        gap = "  " if index else ""
        padding = " " * (width - len(cell.text))
        last = index == len(row) - 1
        if index in numbers:
            parts += [Segment(gap + padding), cell]
        else:
            parts += [Segment(gap), cell, Segment("" if last else padding)]
    return tuple(parts)


def to_text(lines: Iterable[Line]) -> str:
    """`lines` without styles, each with a final newline and no space at its end."""
    return "".join("".join(segment.text for segment in item).rstrip() + "\n" for item in lines)
