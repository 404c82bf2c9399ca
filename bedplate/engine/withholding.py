"""The engine's resource monitor without what another writer applies.

The program is the same whoever applies its objects. Those of a layer that Argo CD or Flux delivers have a provider
that stands for that writer: the recorder keeps them, and here they are answered in memory, so that the engine never
hears of them, writes none and holds none in its state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pulumi.runtime.proto import resource_pb2

from bedplate.engine.registration import urn_of
from bedplate.units.writer import writer_behind, writer_of


class WithholdingMonitor:
    """Stands before `monitor`, the engine's own, for the stack `stack`."""

    def __init__(self, monitor: Any, stack: str) -> None:
        self._monitor = monitor
        self._stack = stack
        self._withheld: set[str] = set()

    def RegisterResource(  # noqa: N802 (RPC name)
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        if writer_of(request.type, request.name) or writer_behind(request.provider):
            urn = urn_of(self._stack, request.parent, request.type, request.name)
            self._withheld.add(urn)
            return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=request.object)
        answer: resource_pb2.RegisterResourceResponse = self._monitor.RegisterResource(self._without(request))
        return answer

    def __getattr__(self, name: str) -> Any:
        """Everything else is the engine's own."""
        return getattr(self._monitor, name)

    def _without(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceRequest:
        """`request` waiting for nothing that the engine does not know: it would refuse the whole."""
        if not self._withheld:
            return request
        told = resource_pb2.RegisterResourceRequest()
        told.CopyFrom(request)
        _replace(told.dependencies, self._known(told.dependencies))
        for each in told.propertyDependencies.values():
            _replace(each.urns, self._known(each.urns))
        return told

    def _known(self, urns: Iterable[str]) -> Iterator[str]:
        return (urn for urn in urns if urn not in self._withheld)


def _replace(field: Any, values: Iterable[str]) -> None:
    """Make `values` the whole content of a repeated field."""
    kept = list(values)
    del field[:]
    field.extend(kept)
