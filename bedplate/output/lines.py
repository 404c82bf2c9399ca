"""Text as data: lines of styled segments. Builders say what a part means; the console decides how that looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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

BLANK: Line = ()


class Lines(tuple[Line, ...]):
    """A text: lines from top to bottom."""

    __slots__ = ()

    @property
    def plain(self) -> str:
        """The text without styles; each line has a final newline and no space at its end."""
        return "".join("".join(segment.text for segment in item).rstrip() + "\n" for item in self)


def line(*parts: str | Segment, indent: int = 0) -> Line:
    """One line of `parts`, `indent` spaces from the left."""
    segments = tuple(part if isinstance(part, Segment) else Segment(part) for part in parts if part)
    return (Segment(" " * indent), *segments) if indent else segments


def heading(name: str, verdict: str = "", style: Style = "") -> Line:
    """The first line of a section: its name, then what is to be said of all of it."""
    return line(Segment(name, "strong"), Segment(f"  {verdict}", style) if verdict else "")


def indented(lines: Iterable[Line], by: int) -> Iterator[Line]:
    """`lines`, moved `by` spaces to the right; blank ones stay blank."""
    return ((Segment(" " * by), *item) if item else item for item in lines)


def table(
    header: Sequence[str], rows: Iterable[Sequence[str | Segment]], *, numbers: Sequence[int] = ()
) -> Iterator[Line]:
    """An aligned table with a dim header. Columns whose index is in `numbers` are flush right."""
    cells = [[Segment(name, "dim") for name in header]]
    cells += [[cell if isinstance(cell, Segment) else Segment(cell) for cell in row] for row in rows]
    widths = [max(len(row[index].text) for row in cells) for index in range(len(header))]
    for row in cells:
        yield _row(row, widths, numbers)


def _row(row: Sequence[Segment], widths: Sequence[int], numbers: Sequence[int]) -> Line:
    parts: list[Segment] = []
    for index, (cell, width) in enumerate(zip(row, widths, strict=True)):
        gap, padding = "  " if index else "", " " * (width - len(cell.text))
        before, after = (gap + padding, "") if index in numbers else (gap, padding)
        parts += [Segment(before), cell, Segment(after)]
    return tuple(part for part in parts if part.text)
