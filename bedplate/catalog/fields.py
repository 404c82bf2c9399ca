"""What the rows of all tables share: their base, and types of fields."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from bedplate.model.spec import Spec

Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]
Minor = Annotated[str, Field(pattern=r"^1\.[0-9]{2}$")]
"""A minor version of Kubernetes, as in "1.35"."""

Architecture = Literal["x86_64", "arm64"]


class Row(Spec):
    """What every row has: where its facts were read (`source`), and the date of the oldest of its sources (`as_of`)."""

    source: Text
    as_of: date
