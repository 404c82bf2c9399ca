"""One entry of stores: where weights, training data or logs live."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bedplate.model.spec import Spec
from bedplate.model.types import DnsLabel


class StoreSpec(Spec):
    """An S3 bucket: private, versioned, encrypted with a key of its own, TLS only."""

    name: DnsLabel = Field(description="Name of the store; models and teams point at it.", examples=["weights"])
    kind: Literal["s3"] = Field(description="What holds the data.")
    content: Literal["weights", "embeddings", "trainingData", "logs"] = Field(
        description="Class of the content; becomes the tag bedplate:content."
    )
    old_versions_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days after which overwritten or deleted object versions are gone for good.",
        examples=[90],
    )
    readers: tuple[DnsLabel, ...] = Field(
        default=(), description="Teams whose model services may read it.", examples=[["research"]]
    )
