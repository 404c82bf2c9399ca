"""Differences between environments that are meant to be, with the reason: ``environments/_differences.yaml``."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bedplate.environment.targets import FOLDER
from bedplate.model.files import present
from bedplate.model.spec import Spec
from bedplate.model.types import DnsLabel
from bedplate.model.validate import validate
from bedplate.model.yaml_reader import read_file

DIFFERENCES_FILE = f"{FOLDER}/_differences.yaml"


class ExpectedSpec(Spec):
    """One difference that is meant to be, or many below one path."""

    path: Annotated[str, Field(min_length=1)] = Field(
        description="Path as `bedplate explain` writes it; * stands for any text.", examples=["nodePools[*].size.*"]
    )
    reason: str = Field(min_length=10, description="Why they differ.", examples=["production carries more traffic"])


class PairSpec(Spec):
    """Two environments, in either order, and what may differ between them."""

    between: Annotated[tuple[DnsLabel, ...], Field(min_length=2, max_length=2)] = Field(
        description="Names of the two environments.", examples=[["staging", "prod"]]
    )
    expected: tuple[ExpectedSpec, ...] = Field(description="What is meant to differ.")


class DifferencesSpec(Spec):
    """What is meant to differ between environments. Everything else is a surprise, and `bedplate diff` says so."""

    schema_: Literal["bedplate.differences/v1"] = Field(alias="schema", description="Version of this file format.")
    pairs: tuple[PairSpec, ...] = Field(default=(), description="Pairs of environments.")

    def between(self, first: str, second: str) -> tuple[ExpectedSpec, ...]:
        """What is meant to differ between two environments."""
        pairs = (pair for pair in self.pairs if set(pair.between) == {first, second})
        return tuple(item for pair in pairs for item in pair.expected)


def read_differences(root: Path) -> DifferencesSpec | None:
    """The list of the platform repository `root`; None where it has none. Raises InputError."""
    if not present(root, DIFFERENCES_FILE):
        return None
    return validate(DifferencesSpec, read_file(root, DIFFERENCES_FILE).root)


def matches(expected: ExpectedSpec, path: str) -> bool:
    """Whether `expected` speaks of the value at `path`. Brackets stand for themselves."""
    return fnmatchcase(path, expected.path.replace("[", "[[]"))
