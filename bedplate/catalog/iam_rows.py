"""Rows about IAM: what it takes to manage an AWS object, and what roles that a layer makes may do at most."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bedplate.catalog.fields import Row, Text
from bedplate.model.spec import Spec

Layer = Literal["bootstrap", "cluster", "platform", "models"]
Duty = Literal["create", "read", "update", "delete", "purge"]
Where = Literal[
    "adopted-tags",
    "amazon-image",
    "attachable",
    "boundary",
    "cluster-group",
    "from-template",
    "new-key",
    "new-tags",
    "own-or-untagged",
    "passed",
    "request-tag",
    "resource-tag",
    "service-linked",
]
Action = Annotated[str, Field(pattern=r"^[a-z0-9-]+:[A-Z][A-Za-z]+$")]
"""An action by its full name: a wildcard would grant what AWS will invent next year."""


class Right(Spec):
    """Actions of one service on some objects, under one condition."""

    duties: Annotated[tuple[Duty, ...], Field(alias="for", min_length=1)]
    actions: Annotated[tuple[Action, ...], Field(min_length=1)]
    resources: Annotated[tuple[Text, ...], Field(min_length=1)]
    where: Where | None = None
    services: tuple[Text, ...] = ()

    @property
    def service(self) -> str:
        """The service that the actions belong to."""
        return self.actions[0].partition(":")[0]


class IamActions(Row):
    """What it takes to manage objects of one resource type, and the layers whose stacks hold such objects."""

    type: Text
    layers: Annotated[tuple[Layer, ...], Field(min_length=1)]
    rights: Annotated[tuple[Right, ...], Field(min_length=1)]


class BoundaryRight(Spec):
    """Actions that are allowed at most, on some objects, under one condition."""

    actions: Annotated[tuple[Action, ...], Field(min_length=1)]
    resources: tuple[Text, ...] = ("*",)
    where: Where | None = None
    services: tuple[Text, ...] = ()


class BoundaryPolicy(Row):
    """A policy of roles that a layer makes: one that AWS maintains (`attached`), or an inline one of a component."""

    policy: Text
    layer: Layer
    attached: bool = True
    rights: Annotated[tuple[BoundaryRight, ...], Field(min_length=1)]

    @property
    def actions(self) -> tuple[str, ...]:
        """All actions of the policy."""
        return tuple(action for right in self.rights for action in right.actions)
