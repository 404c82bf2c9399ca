"""The engine's side of the analyzer protocol: what it sends to a policy pack about a Graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import grpc
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc
from pulumi.runtime.proto import analyzer_pb2 as pb

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, is_secret, is_unknown, thaw

SECRET_TEXT = "registry.example.org/secret-project:1"
"""What stands behind every secret."""


class Refused(Exception):  # noqa: N818 (an answer, not an error of the test)
    """The pack ended a call, and with it the engine's run."""


class Call:
    """The part of a gRPC call that a pack uses."""

    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        """End the call."""
        raise Refused(f"{code.name}: {details}")


def shown(resource: Resource) -> pb.AnalyzeRequest:
    """What the engine sends before it does something to `resource`: its inputs, secrets wrapped, unknowns marked."""
    properties = Struct()
    properties.update(_wire(thaw(resource.inputs)))
    return pb.AnalyzeRequest(urn=resource.urn, type=resource.type, name=resource.name, properties=properties)


def shown_at_the_end(graph: Graph) -> pb.AnalyzeStackRequest:
    """What the engine sends at the end of a first preview: every resource, none of which has an output yet."""
    return pb.AnalyzeStackRequest(resources=[_resource(item, graph) for item in graph])


def _resource(resource: Resource, graph: Graph) -> pb.AnalyzerResource:
    message = pb.AnalyzerResource(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        parent=resource.parent or "",
        dependencies=resource.dependencies,
        propertyDependencies={
            key: pb.AnalyzerPropertyDependencies(urns=urns) for key, urns in resource.property_dependencies.items()
        },
    )
    if resource.provider:
        provider = graph[resource.provider]
        message.provider.CopyFrom(pb.AnalyzerProviderResource(urn=provider.urn, type=provider.type, name=provider.name))
    return message


def _wire(value: Json) -> Json:
    if is_unknown(value):
        return rpc.UNKNOWN
    if is_secret(value):
        return {rpc._special_sig_key: rpc._special_secret_sig, "value": SECRET_TEXT}
    if isinstance(value, Mapping):
        return {key: _wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_wire(item) for item in value]
    return value
