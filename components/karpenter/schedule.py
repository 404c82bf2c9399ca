"""Schedules as Karpenter reads them: five fields, each with the values that it can have, or one of a few names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator

from bedplate.model.spec import Refusal
from bedplate.model.types import Form


def _numbered(names: str, first: int) -> dict[str, int]:
    return {name: first + index for index, name in enumerate(names.split())}


@dataclass(frozen=True, slots=True)
class _Field:
    """One field: what it counts, its least and greatest value, and names for values."""

    what: str
    least: int
    greatest: int
    names: Mapping[str, int] = field(default_factory=dict)


# robfig/cron v3, by which Karpenter reads schedules: parser.go, ParseStandard and its bounds.
_FIELDS = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("days of the month", 1, 31),
    _Field("months", 1, 12, _numbered("jan feb mar apr may jun jul aug sep oct nov dec", 1)),
    _Field("days of the week", 0, 6, _numbered("sun mon tue wed thu fri sat", 0)),
)
_PART = re.compile(r"(?:[*?]|(?P<first>[0-9a-z]+)(?:-(?P<last>[0-9a-z]+))?)(?:/(?P<step>[0-9]+))?", re.IGNORECASE)


def _checked(value: str) -> str:
    if not value.startswith("@"):
        for text, known in zip(value.split(" "), _FIELDS, strict=True):
            for part in text.split(","):
                _check_part(part, known)
    return value


def _check_part(part: str, known: _Field) -> None:
    """Raises Refusal for what is no value, range or step of the field."""
    found = _PART.fullmatch(part)
    span = f"{known.what} are {known.least} to {known.greatest}"
    if found is None:
        raise Refusal(f"'{part}' is not read: {span}", hint="for example 8, 1-5, */2 or 0,30")
    given = [found[name] for name in ("first", "last") if found[name] is not None]
    values = [known.names.get(text.lower(), int(text) if text.isdecimal() else -1) for text in given]
    if any(not known.least <= value <= known.greatest for value in values):
        raise Refusal(f"'{part}' is never: {span}")
    if values != sorted(values):
        raise Refusal(f"'{part}' ends before it begins: {span}")
    if found["step"] is not None and int(found["step"]) == 0:
        raise Refusal(f"'{part}' has no step")


Schedule = Annotated[
    str,
    Form(
        r"@(?:annually|yearly|monthly|weekly|daily|midnight|hourly)|\S+(?: \S+){4}",
        "a schedule of five fields, or one as @daily",
        '"0 8 * * 1-5"',
        longest=200,
    ),
    AfterValidator(_checked),
]
"""When something begins, in UTC."""
