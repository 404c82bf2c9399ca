"""Parts of a managed pool's entry that only EKS managed node groups have."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import Refusal, Spec

AmiFamily = Literal["al2023", "bottlerocket"]

# As EKS writes releases: Kubernetes version and date, or Bottlerocket version and commit.
_RELEASES = {
    "al2023": (r"1\.[0-9]{2}\.[0-9]+-[0-9]{8}", "1.35.6-20260714"),
    "bottlerocket": (r"[0-9]+\.[0-9]+\.[0-9]+-(?!20[0-9]{6})[0-9a-f]{8}", "1.53.0-0a1b2c3d"),
}


class AmiSpec(Spec):
    """The EKS-optimised image that nodes start from; with NVIDIA's driver where the instance type has GPUs."""

    family: AmiFamily = Field(
        default="al2023",
        description="Amazon Linux 2023, or Bottlerocket, which has no shell and runs the device plugin by itself.",
    )
    release: str | None = Field(
        default=None,
        description="Release as EKS writes it; the baseline's for Amazon Linux 2023 where absent.",
        examples=["1.35.6-20260714"],
    )
    fips: bool = Field(
        default=False, description="Image with validated cryptography (FIPS 140-3); of Bottlerocket only."
    )

    @model_validator(mode="after")
    def of_one_family(self) -> Self:
        """Release and FIPS fit the family."""
        pattern, example = _RELEASES[self.family]
        if self.release is not None and not re.fullmatch(pattern, self.release, re.ASCII):
            message = f"'{self.release}' is not a release of {self.family}"
            raise Refusal(message, path=("release",), hint=f"for example {example}")
        if self.fips and self.family == "al2023":
            message = "EKS has no FIPS image of Amazon Linux 2023"
            raise Refusal(message, path=("fips",), hint="set family: bottlerocket")
        return self
