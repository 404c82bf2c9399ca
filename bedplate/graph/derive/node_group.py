"""Nodes of one pool, whoever makes them."""

from __future__ import annotations

from dataclasses import dataclass

from bedplate.graph.derive.scheduling import NodeShape


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """Nodes of one pool, as declared. `count` is the desired size, None where it is known only after apply.

    Of an `elastic` pool it is what is there whatever pods wait: a controller starts more when they do.
    """

    shape: NodeShape
    count: int | None
    instance_types: tuple[str, ...]
    elastic: bool = False

    @property
    def pool(self) -> str:
        """Name of the pool in the environment."""
        return self.shape.name
