"""What a derivation gives: objects, pods, or the reason why nothing can be said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bedplate.graph.values import Json


@dataclass(frozen=True, slots=True)
class Replicas:
    """How many pods of one shape exist at the same time, surge during a rollout not counted.

    A bound is None where nothing that is declared sets it; that is never to be read as zero or one.
    """

    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True)
class DerivedObject:
    """One object that a controller will make. `source` names its writer, for people: ``KServe controller``."""

    manifest: Json
    source: str


@dataclass(frozen=True, slots=True)
class DerivedPod(DerivedObject):
    """All pods of one shape. The name in the manifest ends in ``-*``: the cluster chooses the rest.

    `owner` is the workload, as ``Deployment team-a/llama-predictor``. For pods of a DaemonSet, `node` names the shape
    of node they run on and `replicas` counts the pods on each such node; it is empty for all other pods.
    """

    owner: str
    replicas: Replicas
    node: str = ""


@dataclass(frozen=True, slots=True)
class Underivable:
    """Something a controller will do, or refuse to do, that cannot be told from what is declared.

    `subject` is the object in question, as ``InferenceService team-a/llama``. `reason` says what was found, where, and
    what to write instead.
    """

    subject: str
    reason: str


Derived: TypeAlias = DerivedObject | Underivable


class CannotDeriveError(Exception):
    """Inside this package only: ends one derivation. Public functions return `Underivable` with this text."""


def describe(manifest: Json) -> str:
    """``Kind namespace/name`` of an object, for subjects and owners."""
    metadata = manifest.get("metadata", {})
    place = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
    return f"{manifest.get('kind', 'object')} {place}{metadata.get('name', '')}"
