"""The residency section: regions where data and logs may live."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bedplate.model.spec import Spec
from bedplate.model.types import Form

Region = Annotated[
    str, Form(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", "the name of a region: lower-case letters, digits and -", "us-east-1")
]
"""A region: the code of an AWS region, or what a company calls a place of its own, such as a country."""


class ResidencySpec(Spec):
    """Where data and logs may live. Policies hold every object with a known region against it."""

    data: Annotated[tuple[Region, ...], Field(min_length=1)] = Field(
        description="Regions where data may live, keys and state with them: codes of AWS regions, regions of sites.",
        examples=[["us-east-1"]],
    )
    logs: Annotated[tuple[Region, ...], Field(min_length=1)] | None = Field(
        default=None, description="Regions where logs may live; those of data where absent.", examples=[["eu-west-1"]]
    )

    @property
    def of_logs(self) -> tuple[str, ...]:
        """Regions where logs may live."""
        return self.logs or self.data
