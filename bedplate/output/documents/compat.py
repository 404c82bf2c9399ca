"""What one version of the tool makes of a repository (`bedplate.record/v1`), and what another makes of it instead
(`bedplate.compat/v1`)."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from bedplate.output.documents.shape import document


@document
class KeyDocument(TypedDict):
    """One key of a file, by what people may write there."""

    required: bool
    kind: str
    """Types, joined by |."""
    values: list[str]
    """Allowed values; empty where any of the kind is."""


@document
class FoundDocument(TypedDict):
    """One finding, by what tells it apart."""

    policy: str
    object: str
    urn: str
    path: str
    verdict: Literal["fail", "unknown"]
    blocks: bool


@document
class MadeDocument(TypedDict):
    """What a version makes of one environment, or why it cannot load it."""

    problem: NotRequired[str]
    identities: dict[str, dict[str, str]]
    """By URN of each registered object: inputs whose change gives it a new identity, each as a digest."""
    findings: list[FoundDocument]


@document
class RecordDocument(TypedDict):
    """What one version of the tool makes of a repository."""

    schema: Literal["bedplate.record/v1"]
    tool: str
    day: str
    """Day that findings are of."""
    files: str
    """Digest of the environments and extensions that it was made of."""
    formats: list[str]
    """Formats that the version writes."""
    keys: dict[str, dict[str, KeyDocument]]
    """Keys of each kind of file, by path."""
    environments: dict[str, MadeDocument]


@document
class EnvironmentCompatDocument(TypedDict):
    """What changes for one environment."""

    environment: str
    problem: str
    """Why the newer version does not load what the older one did; empty where it does."""
    gone: list[str]
    """URNs that nothing takes over: the next apply deletes what is there."""
    replaced: list[str]
    """URNs that stay, with inputs of another identity, as <urn>: <inputs>."""
    renamed: list[str]
    """URNs that another takes over by an alias."""
    new: list[str]
    newFindings: list[FoundDocument]
    goneFindings: list[FoundDocument]


@document
class CompatDocument(TypedDict):
    """What changes when the tool is another version and the files are the same."""

    schema: Literal["bedplate.compat/v1"]
    before: str
    after: str
    exit: int
    formats: list[str]
    """Formats that are not written any more."""
    keys: list[str]
    """What may no longer be written, in words."""
    newKeys: list[str]
    environments: list[EnvironmentCompatDocument]
