"""The security floor of a platform repository: what every environment holds at least."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from bedplate.environment.sections import PolicyId
from bedplate.environment.targets import FOLDER
from bedplate.model.files import present
from bedplate.model.spec import Refusal, Spec
from bedplate.model.tree import Mapping
from bedplate.model.types import ImagePrefix
from bedplate.model.validate import validate
from bedplate.model.yaml_reader import read_file

FLOOR_FILE = f"{FOLDER}/_floor.yaml"

LEVELS = ("off", "advisory", "mandatory")
"""Levels of a policy, the loosest first."""
POD_SECURITY = ("privileged", "baseline", "restricted")
"""Pod Security levels, the loosest first."""


class FloorLevelSpec(Spec):
    """The least level of one policy."""

    policy: PolicyId = Field(description="Id of the policy.", examples=["workloads/images-pinned"])
    level: Literal["mandatory", "advisory"] = Field(description="Level that no environment may go below.")


class FloorSpec(Spec):
    """What an environment may tighten and never loosen. What the floor does not name is each environment's own."""

    schema_: Literal["bedplate.floor/v1"] = Field(alias="schema", description="Version of this file format.")
    pod_security: Literal["baseline", "restricted"] | None = Field(
        default=None, description="Loosest Pod Security level of team namespaces."
    )
    registries: tuple[ImagePrefix, ...] = Field(
        default=(),
        description="Image prefixes below which every prefix of guardrails.registries lies; any where empty.",
        examples=[["docker.io/vllm/", "registry.example.org/"]],
    )
    log_retention_days: int | None = Field(
        default=None,
        ge=1,
        le=3653,
        description="Fewest days that control-plane logs are kept. The audit log is then kept in every environment.",
        examples=[183],
    )
    policies: tuple[FloorLevelSpec, ...] = Field(
        default=(), description="Least levels of policies, whatever the policies say themselves."
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        """One least level for each policy."""
        seen: set[str] = set()
        for index, item in enumerate(self.policies):
            if item.policy in seen:
                raise Refusal(f"{item.policy} has a level above already", path=("policies", index, "policy"))
            seen.add(item.policy)
        return self

    def least_level(self, policy: str) -> str:
        """The level below which `policy` may not go; off where the floor does not name it."""
        return next((item.level for item in self.policies if item.policy == policy), "off")


@dataclass(frozen=True, slots=True)
class Floor:
    """The floor and the tree that it was read from, for positions."""

    spec: FloorSpec
    tree: Mapping


def read_floor(root: Path) -> Floor | None:
    """The floor of the platform repository `root`; None where it has none. Raises InputError."""
    if not present(root, FLOOR_FILE):
        return None
    tree = read_file(root, FLOOR_FILE).root
    return Floor(validate(FloorSpec, tree), tree)
