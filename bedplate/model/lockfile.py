"""The lock file's format: every reference that an environment needs, with its digest and how far it is known."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import MachineSpec, Refusal
from bedplate.model.types import Sha256Digest

_AGAIN = "the file is made by bedplate lock: run it again"

LOCK_SCHEMA = "bedplate.lock/v1"

LockState = Literal["verified", "published", "unresolved"]
"""verified: a registry confirmed the digest; published: taken from a public source; unresolved: no digest known."""


class LockedImage(MachineSpec):
    """A container image."""

    reference: str = Field(description="Image with tag, as asked for.", examples=["docker.io/vllm/vllm-openai:v0.31.0"])
    digest: Sha256Digest | None = Field(default=None, description="sha256 digest of the index or manifest.")
    state: LockState = Field(description="How far the digest is known.")
    source: str = Field(default="", description="Where the digest was taken from.")
    needed_by: tuple[str, ...] = Field(description="Objects that use it.")


class LockedChart(MachineSpec):
    """A Helm chart and, once vendored, the file that holds its objects: nothing is pulled any more then."""

    name: str = Field(description="Name of the add-on.")
    reference: str = Field(description="Chart reference with version.")
    digest: Sha256Digest | None = Field(
        default=None, description="sha256 digest at the reference: of the manifest for oci, else of the archive."
    )
    state: LockState = Field(description="How far the digest is known.")
    vendored: str | None = Field(default=None, description="File with the expanded objects; absent until vendored.")
    contents: Sha256Digest | None = Field(
        default=None, description="sha256 digest of that file; with other contents it is refused."
    )
    archive: Sha256Digest | None = Field(
        default=None, description="sha256 digest of the local archive or folder that was expanded."
    )
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
    digest: Sha256Digest | None = Field(default=None, description="sha256 digest of the file.")
    state: LockState = Field(description="How far the digest is known.")


class Lock(MachineSpec):
    """Everything that an environment pulls, resolved as far as it is known."""

    schema_: Literal["bedplate.lock/v1"] = Field(alias="schema", description="Version of this file format.")
    environment: str = Field(description="Environment that it belongs to.")
    images: tuple[LockedImage, ...] = Field(default=(), description="Container images, by reference.")
    charts: tuple[LockedChart, ...] = Field(default=(), description="Helm charts, by name.")
    files: tuple[LockedFile, ...] = Field(default=(), description="Model files, by release and path.")

    @model_validator(mode="after")
    def consistent(self) -> Self:
        """A digest is there exactly where the state says so, and nothing has two entries."""
        keyed: dict[str, list[tuple[str, LockedImage | LockedChart | LockedFile]]] = {
            "images": [(image.reference, image) for image in self.images],
            "charts": [(chart.name, chart) for chart in self.charts],
            "files": [(f"{file.release}/{file.path}", file) for file in self.files],
        }
        for section, entries in keyed.items():
            seen: set[str] = set()
            for index, (name, entry) in enumerate(entries):
                if name in seen:
                    raise Refusal(f"{name} has two entries", path=(section, index), hint=_AGAIN)
                if (entry.digest is None) != (entry.state == "unresolved"):
                    digest = "none" if entry.digest is None else "one"
                    message = f"{name} is {entry.state}, but of digests there is {digest}"
                    raise Refusal(message, path=(section, index, "state"), hint=_AGAIN)
                seen.add(name)
        return self

    @property
    def unresolved(self) -> tuple[str, ...]:
        """References without a digest, sorted. A vendored chart is pinned by its objects, whatever its reference is."""
        items = [image.reference for image in self.images if image.state == "unresolved"]
        items += [chart.reference for chart in self.charts if chart.state == "unresolved" and not chart.vendored]
        items += [f"{item.release}/{item.path}" for item in self.files if item.state == "unresolved"]
        return tuple(sorted(items))

    def pinned(self, reference: str) -> str:
        """`reference` with its digest where one is known, else as it is."""
        for image in self.images:
            if image.reference == reference and image.digest:
                return f"{reference}@{image.digest}"
        return reference
