"""Container image references, taken apart (distribution/reference grammar)."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_REGISTRY = "docker.io"
DEFAULT_FOLDER = "library"

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_REGISTRY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?|\[[0-9a-fA-F:]+\](?::[0-9]{1,5})?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image with nothing implied: "nginx" is docker.io, library/nginx. `tag` and `digest` are "" when absent."""

    registry: str
    repository: str
    tag: str
    digest: str

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.registry}/{self.repository}{tag}{digest}"


def split_image(reference: str) -> ImageName:
    """Take a reference apart. Raises ValueError with the reason."""
    name, at_sign, digest = reference.partition("@")
    if at_sign and not _DIGEST.fullmatch(digest):
        raise ValueError(f"image {reference!r}: after '@' comes sha256: and 64 lower-case hexadecimal digits")
    first, slash, rest = name.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        first, rest = DEFAULT_REGISTRY, name
    repository, colon, tag = rest.partition(":")
    if first == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"{DEFAULT_FOLDER}/{repository}"
    if not _REGISTRY.fullmatch(first):
        raise ValueError(f"image {reference!r}: {first!r} is not a registry host")
    if not _REPOSITORY.fullmatch(repository) or len(f"{first}/{repository}") > _LONGEST_NAME:
        raise ValueError(
            f"image {reference!r}: {repository!r} is not a repository (lower-case letters, digits, . _ - /)"
        )
    if colon and not _TAG.fullmatch(tag):
        raise ValueError(f"image {reference!r}: {tag!r} is not a tag")
    return ImageName(first, repository, tag, digest)
