"""Where a value was written, and what to say when it is wrong.

Every error about a file of the platform repository is a `Problem`: it names the place, what was found, what is allowed
and the next step. An `InputError` carries all problems of one run, so that nobody fixes a file one message at a time.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

_SHORTEST_BEGINNING = 3
_LONGEST_GUESS = 64  # difflib is quadratic in the length of the word, and nobody mistypes a longer one


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file: posix path below the platform repository's root, line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in the input.

    `position` is None where no file is concerned (a command-line argument). `path` is the place inside the document
    ("nodePools[2].size.min"), empty for the document itself. `allowed`, `hint` and `page` are printed when set.
    """

    position: Position | None
    path: str
    message: str
    allowed: tuple[str, ...] = ()
    hint: str = ""
    page: str = ""

    def render(self) -> str:
        """One line that editors can jump to, then indented lines with what helps."""
        place = f"{self.position}: " if self.position else ""
        inside = f"{self.path}: " if self.path else ""
        lines = [f"{place}{inside}{self.message}"]
        if self.allowed:
            lines.append(f"  allowed: {', '.join(self.allowed)}")
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        if self.page:
            lines.append(f"  page: {self.page}")
        return "\n".join(lines)


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    """Problems without a place come first, the others in reading order."""
    place = problem.position or Position("", 0, 0)
    return place.file, place.line, place.column, problem.path, problem.message


class InputError(Exception):
    """The input cannot be used. `problems` is never empty, sorted by place, and holds no problem twice."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(dict.fromkeys(problems), key=_order))
        if not self.problems:
            raise ValueError("an InputError needs at least one problem")
        super().__init__("\n".join(problem.render() for problem in self.problems))


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A question such as "did you mean nodePools?", or "" when nothing is close.

    Close is what differs by few letters, or the one candidate that begins with `word` or that `word` begins with;
    letter case, - and _ do not count.
    """
    if len(word) > _LONGEST_GUESS:
        return ""
    by_folded = {_fold(candidate): candidate for candidate in sorted(candidates, reverse=True)}
    folded = _fold(word)
    close = difflib.get_close_matches(folded, sorted(by_folded), n=1, cutoff=0.7)
    if not close:
        close = [candidate for candidate in by_folded if _one_begins_the_other(candidate, folded)]
    return f"did you mean {by_folded[close[0]]}?" if len(close) == 1 else ""


def _one_begins_the_other(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    return len(short) >= _SHORTEST_BEGINNING and long.startswith(short)


def _fold(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "")
