"""From a tree to a typed model, with every mistake said at its place in the file.

pydantic does the checking, in strict JSON mode: no text becomes a number by itself. Its errors are then followed
through the model's types and the tree, so that each problem names a key as it was written, and unions add no noise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bedplate.model.follow import Trace, follow
from bedplate.model.messages import EXPECTED, Complaint, complaint, wrong_type
from bedplate.model.source import InputError, Position, Problem
from bedplate.model.tree import Mapping, Node, Path, Sequence, at, format_path, plain

MAX_PROBLEMS = 200
"""Problems said about one document; those beyond are counted."""

T = TypeVar("T", bound=BaseModel)


def validate(model: type[T], node: Mapping, *, path: Path = ()) -> T:
    """`node` as a `model`. Raises InputError with all problems; `path` is where `node` stands in its document."""
    data = json.dumps(plain(node), ensure_ascii=False, separators=(",", ":"))
    try:
        return model.model_validate_json(data, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    mistakes = [_mistake(model, node, detail) for detail in details[:MAX_PROBLEMS]]
    mistakes = [each for each in mistakes if not each.follows_from_items]
    problems = [_problem(node, path, place, said) for place, said in _said(mistakes)]
    if len(details) > MAX_PROBLEMS:
        more = f"and {len(details) - MAX_PROBLEMS:,} more problems; mend these first"
        problems.append(Problem(node.position, format_path(path), more))
    raise InputError(problems)


@dataclass(frozen=True, slots=True)
class _Mistake:
    """One error of pydantic with the place and the value that it is about."""

    detail: ErrorDetails
    trace: Trace
    node: Node | None

    @property
    def only_type(self) -> bool:
        """Whether the error says no more than that the value is of another kind."""
        return self.detail["type"] in (*EXPECTED, "literal_error", "enum")

    @property
    def follows_from_items(self) -> bool:
        """Whether a list is called too short only because pydantic does not count its mistaken items."""
        if self.detail["type"] != "too_short" or not isinstance(self.node, Sequence):
            return False
        return len(self.node.items) >= int(self.detail["ctx"]["min_length"])

    @property
    def expected(self) -> str:
        """What was wanted, for a mistake of kind."""
        return EXPECTED.get(self.detail["type"]) or str(self.detail["ctx"]["expected"])


def _mistake(model: type[BaseModel], node: Mapping, detail: ErrorDetails) -> _Mistake:
    followed = follow(model, detail["loc"])
    return _Mistake(detail, followed, at(node, followed.path))


def _said(mistakes: Iterable[_Mistake]) -> Iterator[tuple[_Mistake, Complaint]]:
    """Each mistake with its words; the branches of one union say one thing together."""
    forks: dict[Path, list[_Mistake]] = {}
    for mistake in mistakes:
        if mistake.trace.fork is None:
            yield mistake, complaint(mistake.detail, mistake.trace, mistake.node)
        else:
            forks.setdefault(mistake.trace.fork, []).append(mistake)
    for together in forks.values():
        likely = _likely_branch(together)
        if all(each.only_type and each.trace.path == each.trace.fork for each in likely):
            yield likely[0], wrong_type(tuple(each.expected for each in together), likely[0].node)
        else:
            for each in likely:
                yield each, complaint(each.detail, each.trace, each.node)


def _likely_branch(mistakes: list[_Mistake]) -> list[_Mistake]:
    """The mistakes of the branch that was probably meant: the right kind of value first, then the fewest mistakes."""
    branches: dict[str, list[_Mistake]] = {}
    for mistake in mistakes:
        branches.setdefault(mistake.trace.branch, []).append(mistake)

    def strangeness(branch: list[_Mistake]) -> tuple[bool, int]:
        return any(each.only_type and each.trace.path == each.trace.fork for each in branch), len(branch)

    return min(branches.values(), key=strangeness)


def _problem(root: Mapping, prefix: Path, mistake: _Mistake, said: Complaint) -> Problem:
    path = (*mistake.trace.path, *said.below)
    key_itself = mistake.detail["type"] == "extra_forbidden" or mistake.trace.in_key
    place = _place(root, path, key_itself=key_itself)
    return Problem(place, format_path((*prefix, *path)), said.message, said.allowed, said.hint)


def _place(root: Mapping, path: Path, *, key_itself: bool) -> Position:
    """Where a path was written: its key or its value, or the nearest mapping or list around it that was."""
    parent = at(root, path[:-1])
    if key_itself and isinstance(parent, Mapping) and path[-1] in parent.key_positions:
        return parent.key_positions[str(path[-1])]
    found: Node | None = at(root, path)
    while found is None:
        path = path[:-1]
        found = at(root, path)
    return found.position
