"""One registered resource, as the engine would receive it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from bedplate.graph.values import Json, freeze, thaw

COMPONENT_PREFIX = "bedplate:"
KUBERNETES_PREFIX = "kubernetes:"
AWS_PREFIX = "aws:"
STACK_TYPE = "pulumi:pulumi:Stack"
STACK_REFERENCE_TYPE = "pulumi:pulumi:StackReference"


def _empty() -> Mapping[str, Json]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A node of the Graph. All fields are JSON; see `bedplate.graph.values` for unknown and secret values.

    `inputs` are what the program passed, before any provider default. `provider` is the URN of the explicit provider.
    `entry` is the place in the environment file that this resource answers to (``nodePools[l4]``), inherited from the
    nearest component. `derived_from` names the resource whose controller will make this object; None for registered
    resources. `options` hold protect, ignoreChanges, aliases and the like, only where set. `writer` is who applies it
    where that is not Pulumi (``argocd``, ``flux``); such an object has no provider.
    """

    urn: str
    type: str
    name: str
    custom: bool = True
    parent: str | None = None
    provider: str | None = None
    inputs: Mapping[str, Json] = field(default_factory=_empty)
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=_empty)
    options: Mapping[str, Json] = field(default_factory=_empty)
    layer: str = ""
    entry: str = ""
    team: str = ""
    writer: str = ""
    derived_from: str | None = None

    @property
    def stack(self) -> str:
        """Name of the stack that it is registered in."""
        return self.urn.split("::", 1)[0].rpartition(":")[2]

    @property
    def is_kubernetes(self) -> bool:
        """Whether this is an object of the cluster (the provider itself is not)."""
        return self.custom and self.type.startswith(KUBERNETES_PREFIX)

    @property
    def is_aws(self) -> bool:
        """Whether this is a resource of the AWS account."""
        return self.custom and self.type.startswith(AWS_PREFIX)

    def to_json(self) -> dict[str, Json]:
        """The JSON form: camelCase keys, empty fields left out."""
        data = {
            "urn": self.urn,
            "type": self.type,
            "name": self.name,
            "custom": self.custom,
            "parent": self.parent,
            "provider": self.provider,
            "inputs": thaw(self.inputs),
            "dependencies": list(self.dependencies),
            "propertyDependencies": {key: list(urns) for key, urns in self.property_dependencies.items()},
            "options": thaw(self.options),
            "layer": self.layer,
            "entry": self.entry,
            "team": self.team,
            "writer": self.writer,
            "derivedFrom": self.derived_from,
        }
        return {key: value for key, value in data.items() if value not in (None, "", [], {})}

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Self:
        """The inverse of `to_json`."""
        return cls(
            urn=data["urn"],
            type=data["type"],
            name=data["name"],
            custom=data["custom"],
            parent=data.get("parent"),
            provider=data.get("provider"),
            inputs=freeze(data.get("inputs", {})),
            dependencies=tuple(data.get("dependencies", ())),
            property_dependencies=freeze(data.get("propertyDependencies", {})),
            options=freeze(data.get("options", {})),
            layer=data.get("layer", ""),
            entry=data.get("entry", ""),
            team=data.get("team", ""),
            writer=data.get("writer", ""),
            derived_from=data.get("derivedFrom"),
        )
