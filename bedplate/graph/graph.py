"""The Graph: what one run of the program registers, sorted, with the laws that every output relies on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Self

from bedplate.graph.resource import STACK_TYPE, Resource
from bedplate.graph.values import Json, canonical, digest

GRAPH_SCHEMA = "bedplate.graph/v1"


class GraphError(Exception):
    """The program registered something that no Graph may hold; the message names the resource."""


def _read_v1(data: Mapping[str, Json]) -> Iterator[Resource]:
    return (Resource.from_json(item) for item in data["resources"])


READERS: Mapping[str, Callable[[Mapping[str, Json]], Iterator[Resource]]] = {GRAPH_SCHEMA: _read_v1}
"""One reader per format that was ever written. A new format adds one; none is taken away, since the base of a
comparison is written by the base's own code."""


class Graph:
    """An immutable set of resources, sorted by URN. Equal content gives equal bytes."""

    def __init__(self, *, environment: str, resources: Iterable[Resource]) -> None:
        """Check the laws: URNs are unique, every reference exists, dependencies have no cycle. Raises GraphError."""
        self.environment = environment
        self.resources: tuple[Resource, ...] = tuple(sorted(resources, key=lambda resource: resource.urn))
        self._by_urn = {resource.urn: resource for resource in self.resources}
        if len(self._by_urn) != len(self.resources):
            seen: set[str] = set()
            twice = next(r.urn for r in self.resources if r.urn in seen or seen.add(r.urn))  # type: ignore[func-returns-value]
            raise GraphError(f"{twice} is registered twice: give one of the two another name")
        self._check_references()

    def __len__(self) -> int:
        return len(self.resources)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def __contains__(self, urn: object) -> bool:
        return urn in self._by_urn

    def __getitem__(self, urn: str) -> Resource:
        return self._by_urn[urn]

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """Resources whose type is one of `types`, in URN order."""
        found = [resource for kind in set(types) for resource in self._by_type.get(kind, ())]
        return tuple(sorted(found, key=lambda resource: resource.urn))

    def children(self, urn: str) -> tuple[Resource, ...]:
        """Resources whose parent is `urn`, in URN order."""
        return self._children.get(urn, ())

    def ancestors(self, urn: str) -> tuple[Resource, ...]:
        """The chain of parents of `urn`, nearest first, without the stack."""
        chain: list[Resource] = []
        parent = self._by_urn[urn].parent
        while parent is not None and parent in self._by_urn and self._by_urn[parent].type != STACK_TYPE:
            chain.append(self._by_urn[parent])
            parent = chain[-1].parent
        return tuple(chain)

    @cached_property
    def registered(self) -> tuple[Resource, ...]:
        """Resources that the program registers itself: providers and objects, neither components nor derived ones."""
        return tuple(r for r in self.resources if r.custom and r.derived_from is None)

    @cached_property
    def creation_order(self) -> tuple[Resource, ...]:
        """All resources so that each comes after what it needs; ties are broken by URN."""
        sorter = self._sorter()
        sorter.prepare()
        order: list[Resource] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready())
            order += [self._by_urn[urn] for urn in ready]
            sorter.done(*ready)
        return tuple(order)

    def with_resources(self, more: Iterable[Resource]) -> Graph:
        """This Graph and `more` (derived) resources."""
        return Graph(environment=self.environment, resources=(*self.resources, *more))

    def to_json(self) -> dict[str, Json]:
        """The published form (schema `bedplate.graph/v1`)."""
        return {
            "schema": GRAPH_SCHEMA,
            "environment": self.environment,
            "resources": [resource.to_json() for resource in self.resources],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Self:
        """The inverse of `to_json`, for every format that has a reader. Raises GraphError for another one."""
        read = READERS.get(data.get("schema", ""))
        if read is None:
            raise GraphError(
                f"this Graph has the format {data.get('schema')!r}, and this version of bedplate reads "
                f"{', '.join(READERS)}: read it with the version that wrote it, or write it again with this one "
                "(bedplate graph ENV --json)"
            )
        return cls(environment=data["environment"], resources=read(data))

    @cached_property
    def bytes(self) -> bytes:
        """Canonical JSON: the same environment gives the same bytes on every machine."""
        return canonical(self.to_json())

    @cached_property
    def digest(self) -> str:
        """``sha256:<hex>`` of `bytes`."""
        return digest(self.to_json())

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return found

    @cached_property
    def _children(self) -> dict[str, tuple[Resource, ...]]:
        children: dict[str, list[Resource]] = {}
        for resource in self.resources:
            if resource.parent is not None:
                children.setdefault(resource.parent, []).append(resource)
        return {urn: tuple(items) for urn, items in children.items()}

    def _needs(self, resource: Resource) -> set[str]:
        needs = {*resource.dependencies, resource.parent, resource.provider, resource.derived_from}
        for urns in resource.property_dependencies.values():
            needs.update(urns)
        return {urn for urn in needs if urn}

    def _sorter(self) -> TopologicalSorter[str]:
        return TopologicalSorter({resource.urn: sorted(self._needs(resource)) for resource in self.resources})

    def _check_references(self) -> None:
        for resource in self.resources:
            for urn in sorted(self._needs(resource)):
                if urn not in self._by_urn:
                    raise GraphError(f"{resource.urn} needs {urn}, which is not registered")
        try:
            self._sorter().prepare()
        except CycleError as error:
            raise GraphError("these resources need each other: " + " → ".join(error.args[1])) from None
