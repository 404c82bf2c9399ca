"""The lock file's format: every reference that an environment needs, with its digest and how far it is known."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bedplate.model.spec import MachineSpec

LOCK_SCHEMA = "bedplate.lock/v1"

LockState = Literal["verified", "published", "unresolved"]
"""verified: a registry confirmed the digest; published: taken from a public source; unresolved: no digest known."""


class LockedImage(MachineSpec):
    """A container image."""

    reference: str = Field(description="Image with tag, as asked for.", examples=["docker.io/vllm/vllm-openai:v0.31.0"])
    digest: str | None = Field(default=None, description="sha256 digest of the index or manifest.")
    state: LockState = Field(description="How far the digest is known.")
    source: str = Field(default="", description="Where the digest was taken from.")
    needed_by: tuple[str, ...] = Field(description="Objects that use it.")


class LockedChart(MachineSpec):
    """A Helm chart and, once expanded, the file that holds its objects."""

    name: str = Field(description="Name of the add-on.")
    reference: str = Field(description="Chart reference with version.")
    digest: str | None = Field(default=None, description="sha256 digest of the chart archive.")
    state: LockState = Field(description="How far the digest is known.")
    vendored: str | None = Field(default=None, description="File with the expanded objects; absent until vendored.")
    expansion: str | None = Field(
        default=None,
        description="sha256 digest of what it was expanded with (namespace, values, Kubernetes version); absent until "
        "vendored.",
    )


class LockedFile(MachineSpec):
    """A file of model weights."""

    release: str = Field(description="Model release, name@version.")
    path: str = Field(description="Path in the source.")
    bytes: int = Field(description="Size in bytes.")
    digest: str | None = Field(default=None, description="sha256 digest of the file.")
    state: LockState = Field(description="How far the digest is known.")


class Lock(MachineSpec):
    """Everything that an environment pulls, resolved as far as it is known."""

    schema_: Literal["bedplate.lock/v1"] = Field(alias="schema", description="Version of this file format.")
    environment: str = Field(description="Environment that it belongs to.")
    images: tuple[LockedImage, ...] = Field(default=(), description="Container images, by reference.")
    charts: tuple[LockedChart, ...] = Field(default=(), description="Helm charts, by name.")
    files: tuple[LockedFile, ...] = Field(default=(), description="Model files, by release and path.")

    @property
    def unresolved(self) -> tuple[str, ...]:
        """References without a digest, sorted."""
        items = [image.reference for image in self.images if image.state == "unresolved"]
        items += [chart.reference for chart in self.charts if chart.state == "unresolved"]
        items += [f"{item.release}/{item.path}" for item in self.files if item.state == "unresolved"]
        return tuple(sorted(items))

    def pinned(self, reference: str) -> str:
        """`reference` with its digest where one is known, else as it is."""
        for image in self.images:
            if image.reference == reference and image.digest:
                return f"{reference}@{image.digest}"
        return reference
